package rehearse

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/workflows"
)

// compare lets a dry run compare the case's bundle with itself: it has nothing to run, and reads nothing but
// app-interface to find that out. Where the data is at fault there is nothing to compare, which it returns.
func (r *rehearsal) compare(ctx context.Context, w *world) (compared bool, err error) {
	in := workflows.Input{DryRun: true, CompareWith: &workflows.CompareWith{Base: r.stage.app.Latest().SHA()}}
	result, err := r.stage.run(ctx, r.Case, in)
	if err != nil {
		return false, err
	}
	if result.Outcome != workflows.Skipped && r.result.Outcome == workflows.Failed {
		w.reset()
		return false, nil
	}
	fault := ""
	if result.Outcome != workflows.Skipped {
		fault = "the outcome is " + string(result.Outcome)
		if result.Comparison != nil {
			fault += ": " + result.Comparison.Reason
		}
	}
	r.check("a bundle compared with itself is the same", fault)
	var calls []string
	for _, injector := range w.injectors()[1:] {
		for _, call := range injector.Calls() {
			calls = append(calls, call.String())
		}
	}
	r.check("a comparison reads nothing but app-interface", strings.Join(calls, "\n"))
	w.reset()
	return fault == "", nil
}

// queries are the calls for data of the pinned bundle. What was asked for before does not come here again: the answers
// of a bundle are kept.
func queries(w *world) []string {
	var asked []string
	for _, call := range w.stage.faults.Calls() {
		if strings.HasPrefix(call.Path, "/graphqlsha/") {
			asked = append(asked, call.String()+": a query that the comparison does not make")
		}
	}
	return asked
}
