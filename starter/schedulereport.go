package main

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// scheduleReport is what an apply came to.
type scheduleReport struct {
	Bundle    string            `json:"bundle"`
	DryRun    bool              `json:"dryRun"`
	Changes   []changedSchedule `json:"changes"`
	Unchanged int               `json:"unchanged"`
	LeftOut   []fleet.LeftOut   `json:"leftOut"`
	Problems  []fleet.Problem   `json:"problems"`
	Kept      []string          `json:"kept"`
	counts    map[plan.Action]int
}

// changedSchedule is one change and what became of it: planned, applied, held or failed.
type changedSchedule struct {
	Action      plan.Action       `json:"action"`
	Schedule    string            `json:"schedule"`
	Differences []string          `json:"differences"`
	Outcome     workflows.Outcome `json:"outcome"`
	Error       string            `json:"error,omitempty"`
}

func newScheduleReport(wanted fleet.Fleet, bundle string, changes []fleet.Change, kept []fleet.Kept, f *wishFlags, current int) *scheduleReport {
	r := &scheduleReport{
		Bundle: bundle, DryRun: f.dryRun, Changes: []changedSchedule{}, Kept: []string{}, counts: map[plan.Action]int{},
		LeftOut: append([]fleet.LeftOut{}, wanted.LeftOut...), Problems: append([]fleet.Problem{}, wanted.Problems...),
	}
	for _, change := range changes {
		r.counts[change.Action]++
	}
	hold := ""
	if r.counts[plan.Delete] > 0 && !f.allowDeletes {
		hold = plan.DefaultGuard().Hold(r.counts[plan.Delete], current, len(wanted.Schedules))
	}
	for _, change := range changes {
		one := changedSchedule{Action: change.Action, Schedule: change.ID, Differences: change.Differences, Outcome: workflows.Planned}
		if change.Action == plan.Delete && hold != "" {
			one.Outcome, one.Error = workflows.Held, hold+": --allow-deletes"
		}
		r.Changes = append(r.Changes, one)
	}
	for _, one := range kept {
		r.Kept = append(r.Kept, one.ID)
	}
	r.Unchanged = len(wanted.Schedules) - r.counts[plan.Create] - r.counts[plan.Update]
	return r
}

// apply makes the changes. One that fails keeps none of the others.
func (r *scheduleReport) apply(ctx context.Context, c *temporalapi.Client, changes []fleet.Change, say func(change string, err error)) {
	for i, change := range changes {
		one := &r.Changes[i]
		if one.Outcome == workflows.Held {
			continue
		}
		one.Outcome = workflows.Success
		if err := change.Apply(ctx, c); err != nil {
			one.Outcome, one.Error = workflows.Failed, err.Error()
			say(string(change.Action)+" schedule "+change.ID, err)
		}
	}
}

// printPlan shows what is to be done before it is done.
func (r *scheduleReport) printPlan(p *program, changes []fleet.Change) {
	for i, change := range changes {
		line := change.String()
		if r.Changes[i].Outcome == workflows.Held {
			line = "held: " + line
		}
		fmt.Fprintln(p.stdout, line)
	}
	for _, id := range r.Kept {
		fmt.Fprintf(p.stdout, "schedule %s stays as it is, as its integration has a problem\n", id)
	}
	if r.DryRun {
		for _, l := range r.LeftOut {
			fmt.Fprintf(p.stdout, "no schedule for %s: %s\n", l.Name, l.Reason)
		}
	}
	for _, problem := range r.Problems {
		fmt.Fprintln(p.stderr, problem.Error())
	}
}

func (r *scheduleReport) printEnd(p *program) {
	done := map[plan.Action]int{}
	held, failed := 0, 0
	for _, change := range r.Changes {
		switch change.Outcome {
		case workflows.Held:
			held++
		case workflows.Failed:
			failed++
		default:
			done[change.Action]++
		}
	}
	text := "nothing to do"
	if len(r.Changes) > 0 {
		text = tally(done, r.DryRun)
	}
	if held > 0 {
		text += fmt.Sprintf(", %d held (%s)", held, r.reasonOfHold())
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	fmt.Fprintf(p.stdout, "%s; %s as wanted, %d left out\n", text, plural(r.Unchanged, "schedule"), len(r.LeftOut))
}

func (r *scheduleReport) reasonOfHold() string {
	for _, change := range r.Changes {
		if change.Outcome == workflows.Held {
			return change.Error
		}
	}
	return ""
}

// exit is the exit status that the report ends with.
func (r *scheduleReport) exit(detailed bool) error {
	held := false
	for _, change := range r.Changes {
		if change.Outcome == workflows.Failed {
			return exitError(exitFailure)
		}
		held = held || change.Outcome == workflows.Held
	}
	switch {
	case len(r.Problems) > 0:
		return exitError(exitFailure)
	case held:
		return exitError(exitHeld)
	case detailed && r.DryRun && len(r.Changes) > 0:
		return exitError(exitChanges)
	}
	return nil
}
