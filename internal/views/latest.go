package views

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// latest is what is known of the runs with one workflow ID, of which one goes on at most.
type latest struct {
	// running goes on, last is the latest that has ended; nil where there is none.
	running, last *Run
	// oldest is the earliest known run without a break that ended as well or badly as the last one.
	oldest *Run
	// before is the latest run that ended the other way; nil where Temporal keeps none.
	before *Run
}

// newer is what the latest run belongs to: a schedule whose runs are dry gives them another ID than manual ones. Dry may be nil.
func newer(real, dry *latest) *latest {
	if dry == nil || dry.begun().Before(real.begun()) || dry.begun().IsZero() {
		return real
	}
	return dry
}

// begun is when the latest run began.
func (l *latest) begun() time.Time {
	switch {
	case l.running != nil:
		return l.running.Started
	case l.last != nil:
		return l.last.Started
	}
	return time.Time{}
}

const (
	// mostRounds bounds how often the rest is asked for.
	mostRounds = 8
	// A round lists so many runs for each workflow ID, and a least number.
	roundOf, leastRound = 3, 100
)

// latest finds the latest runs of the workflow IDs. Who runs often fills the lists, so that those that were not found are
// asked for again, without the others: a few questions for any number of IDs.
func (s Source) latest(ctx context.Context, ids []string) (map[string]*latest, error) {
	found := map[string]*latest{}
	for _, id := range ids {
		found[id] = &latest{}
	}
	err := s.rounds(ctx, ids, "", func(r *Run) bool {
		l := found[r.WorkflowID]
		switch {
		case r.Ended == nil:
			l.running = r
		case l.last == nil:
			l.last, l.oldest = r, r
		case l.before == nil && r.Well() != l.last.Well():
			l.before = r
		case l.before == nil:
			l.oldest = r
		}
		return l.last != nil
	})
	if err != nil {
		return nil, err
	}
	return found, s.turns(ctx, found)
}

// turns finds when the runs began to end as they do now, where the lists did not go back far enough.
func (s Source) turns(ctx context.Context, found map[string]*latest) error {
	open := map[bool][]string{}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if l := found[id]; l.last != nil && l.before == nil {
			open[l.last.Well()] = append(open[l.last.Well()], id)
		}
	}
	other := func(well bool, condition string) error {
		return s.rounds(ctx, open[well], condition, func(r *Run) bool {
			l := found[r.WorkflowID]
			if l.before == nil && r.Well() != well {
				l.before = r
			}
			return l.before != nil
		})
	}
	if err := other(true, "ExecutionStatus NOT IN ('Running', 'Completed')"); err != nil {
		return err
	}
	return other(false, "ExecutionStatus = 'Completed'")
}

// rounds goes through a page of the runs with these workflow IDs, then through one of those for which see has not said
// that it has seen enough, and so on.
func (s Source) rounds(ctx context.Context, ids []string, condition string, see func(*Run) bool) error {
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	for round := 0; round < mostRounds && len(missing) > 0; round++ {
		seen, size := 0, min(max(roundOf*len(missing), leastRound), pageSize)
		for execution, err := range s.list(ctx, and(in("WorkflowId", slices.Sorted(maps.Keys(missing))), condition), size) {
			if err != nil {
				return fmt.Errorf("list the latest runs: %w", err)
			}
			run := s.run(execution)
			if see(&run) {
				delete(missing, run.WorkflowID)
			}
			if seen++; seen == size {
				break
			}
		}
		if seen < size {
			return nil
		}
	}
	return nil
}
