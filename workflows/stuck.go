package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// LongestRun is after how long Temporal ends a run, whatever it waits for: a step that no worker takes, a scope that is
// never done. The next run covers what is left.
const LongestRun = 24 * time.Hour

// patience is after how long a run counts as stuck while it waits for a step and none ends. A step that fails in the
// end does so after twice this time.
func (s Spec) patience() time.Duration {
	_, all := s.limits()
	return all / 2
}

// watch marks the run as stuck for as long as it is, so that people find it with the query Outcome = 'stuck'. It costs
// a run that is done in time one timer.
func (r *run) watch(ctx workflow.Context) {
	workflow.GoNamed(ctx, "watch", func(ctx workflow.Context) {
		for {
			ended := r.ended
			if workflow.Sleep(ctx, r.spec.patience()) != nil {
				return
			}
			stuck := r.waiting > 0 && r.ended == ended
			if stuck != r.progress.Stuck {
				r.progress.Stuck = stuck
				if err := r.showStuck(ctx); err != nil {
					workflow.GetLogger(ctx).Error("cannot show that the run is stuck", "stuck", stuck, "error", err)
				}
			}
		}
	})
}

func (r *run) showStuck(ctx workflow.Context) error {
	if !r.searchable {
		return nil
	}
	if !r.progress.Stuck {
		return workflow.UpsertTypedSearchAttributes(ctx, outcomeAttribute.ValueUnset())
	}
	shown := *r.result
	shown.Outcome = Stuck
	return publish(ctx, r.progress.Scope, &shown)
}
