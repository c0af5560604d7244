package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// MemoMarks is the field of a run's memo that holds the marks of what it changed, as []string. Later runs look there to
// see whether a change keeps coming back.
const MemoMarks = "marks"

// remember notes what a run has changed, and what it would have changed again and again, where others will find it: the
// memo lasts as long as the history and comes with the list of runs, so that no other store is needed.
func remember(ctx workflow.Context, p plan.Plan, failed map[string]bool) error {
	var marks []string
	note := func(key string) {
		if mark := p.Marks[key]; mark != "" && !failed[key] {
			marks = append(marks, mark)
		}
	}
	for _, change := range p.Changes {
		note(change.Key)
	}
	for _, held := range p.Held {
		if held.Recurring {
			note(held.Key)
		}
	}
	if len(marks) == 0 {
		return nil
	}
	return workflow.UpsertMemo(ctx, map[string]any{MemoMarks: marks})
}
