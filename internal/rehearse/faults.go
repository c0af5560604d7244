package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/workflows"
)

// faultsAtOnce is how many calls fail in one run at most. A step that is hit again and again waits longer each time.
const faultsAtOnce = 4

// oneFault is one remote call of the main run and how it is to fail.
type oneFault struct {
	// place is the injector's, number the call's there, counted from 1.
	place, number int
	call          fault.Call
	failure       fault.Failure
	// first says that nothing asked for the same before.
	first bool
}

func (f oneFault) String() string {
	how := "failing"
	if f.failure.AfterEffect {
		how = "losing its answer"
	}
	return fmt.Sprintf("%s %s", f.call, how)
}

// faults has every remote call that the main run made fail once, a write also by losing its answer after it took effect.
// The end must be the same.
//
// A run meets several failures, each at another place of it. Where its end is another one, each of them is tried alone, to
// tell which it was.
func (r *rehearsal) faults(ctx context.Context) error {
	for _, together := range grouped(allFaults(r.calls)) {
		diff, met, err := r.withFaults(ctx, together)
		if err != nil {
			return err
		}
		if diff == "" && met {
			for _, f := range together {
				r.check("the same end with "+f.String(), "")
			}
			continue
		}
		if len(together) > 1 {
			if err := r.eachAlone(ctx, together, diff); err != nil {
				return err
			}
			continue
		}
		r.check("the same end with "+together[0].String(), diff)
	}
	return nil
}

// eachAlone tries faults one by one. What they did together is a check of its own where it was wrong.
func (r *rehearsal) eachAlone(ctx context.Context, together []oneFault, diff string) error {
	var names []string
	for _, f := range together {
		alone, _, err := r.withFaults(ctx, []oneFault{f})
		if err != nil {
			return err
		}
		r.check("the same end with "+f.String(), alone)
		names = append(names, f.String())
	}
	if diff != "" {
		r.check("the same end with all of these: "+strings.Join(names, ", "), diff)
	}
	return nil
}

// withFaults runs the case in a new world with the faults, which are in the order of their calls. It returns how the end
// differs, and whether the run met all of them.
func (r *rehearsal) withFaults(ctx context.Context, together []oneFault) (diff string, met bool, err error) {
	w, err := newWorld(ctx, r.stage, r.Case)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = w.Close(ctx) }()
	injectors := w.injectors()
	for i, f := range together {
		// What comes after a failure has other numbers than in the main run.
		if i == 0 {
			injectors[f.place].FailNth(f.number, f.failure)
		} else {
			injectors[f.place].FailNext(f.call, f.failure)
		}
	}
	result, err := r.stage.runHere(ctx, r.Case, workflows.Input{})
	if err != nil {
		return "", false, err
	}
	met = !slices.ContainsFunc(injectors, func(i *fault.Injector) bool { return i.Waiting() > 0 })
	after, err := w.dump(ctx, r.before, r.after)
	if err != nil {
		return "", false, err
	}
	diff = cmp.Diff(r.after, after)
	if result.Outcome != r.result.Outcome {
		diff += fmt.Sprintf("the outcome is %s, not %s: %v", result.Outcome, r.result.Outcome, result.Errors)
	}
	return diff, met, nil
}

// allFaults are those of all calls, in the order in which the calls came.
func allFaults(calls [][]fault.Call) []oneFault {
	var all []oneFault
	for place, calls := range calls {
		for n, call := range calls {
			f := oneFault{place: place, number: n + 1, call: call, failure: fault.Failure{Status: 503}}
			f.first = !slices.ContainsFunc(calls[:n], call.Same)
			all = append(all, f)
			if call.Write {
				f.failure = fault.Failure{AfterEffect: true}
				all = append(all, f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b oneFault) int { return a.call.At.Compare(b.call.At) })
	return all
}

// grouped puts faults together that one run can meet. A call that repeats an earlier one is found by its number alone,
// which failures before it would change, so it is always the first of its group. The others of a group are as far from
// each other as can be, so that they hit different steps.
func grouped(faults []oneFault) [][]oneFault {
	wanted := (len(faults) + faultsAtOnce - 1) / faultsAtOnce
	var groups [][]oneFault
	for _, f := range faults {
		if !f.first {
			groups = append(groups, []oneFault{f})
		}
	}
	next := -1
	for _, f := range faults {
		if !f.first {
			continue
		}
		placed := false
		for range groups {
			if len(groups) < wanted {
				break
			}
			next = (next + 1) % len(groups)
			if fits(groups[next], f) {
				groups[next] = append(groups[next], f)
				placed = true
				break
			}
		}
		if !placed {
			groups = append(groups, []oneFault{f})
		}
	}
	return groups
}

// fits says whether a run that meets the group's faults can meet another one after them.
func fits(group []oneFault, f oneFault) bool {
	return len(group) < faultsAtOnce && !f.call.At.Before(group[0].call.At) && !slices.ContainsFunc(group, func(other oneFault) bool {
		return other.place == f.place && other.call.Same(f.call)
	})
}
