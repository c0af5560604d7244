package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/workflows"
)

// applier carries out changes; nothing else may write.
type applier struct {
	change func(context.Context, plan.Scope, plan.Raw) error
	runs   Runs
}

// apply carries out the changes of a batch side by side. Each is tried and reported by itself: what fails for good
// is in the answer, what may pass later makes the batch be tried again, resuming after what is done. A batch of
// one fails as a whole.
func (a applier) apply(ctx context.Context, scope plan.Scope, changes []plan.Raw) (workflows.Applied, error) {
	ctx = readonly.Grant(ctx)
	if len(changes) == 1 {
		return workflows.Applied{}, a.one(ctx, scope, changes[0])
	}
	b := &batch{done: map[string]bool{}}
	if err := pulseOf(ctx).resume(&b.progress); err != nil {
		return workflows.Applied{}, apierr.New(apierr.Invalid, err)
	}
	b.resume()
	group := errgroup.Group{}
	group.SetLimit(max(1, scope.Args.Int("thread-pool-size")))
	for _, change := range changes {
		if b.done[change.Key] {
			continue
		}
		group.Go(func() error {
			if cutOff(ctx) {
				b.leave()
				return nil
			}
			b.finish(ctx, change.Key, a.one(ctx, scope, change))
			return nil
		})
	}
	_ = group.Wait()
	if ctx.Err() != nil {
		return workflows.Applied{}, context.Cause(ctx)
	}
	return workflows.Applied{Failures: b.progress.Failures}, b.retry
}

func (a applier) one(ctx context.Context, scope plan.Scope, change plan.Raw) error {
	err := a.change(ctx, scope, change)
	if err == nil {
		activity.GetLogger(ctx).Info("applied", "action", change.Action, "key", change.Key, "reason", change.Reason)
		landed(a.runs, workflows.StepApply, scope)
	}
	return err
}

// batch is how far a batch of changes is.
type batch struct {
	mu       sync.Mutex
	done     map[string]bool
	progress batchProgress
	// retry is the error that the batch is tried again for: one that names a delay, where there is any.
	retry error
}

// batchProgress is what the heartbeats of a batch carry.
type batchProgress struct {
	Applied  []string                  `json:"applied,omitempty"`
	Failures []workflows.ChangeFailure `json:"failures,omitempty"`
}

// handOver is how long the rest of a batch waits for another worker. The one that stops has ended its polls by then,
// and does not take the batch again.
const handOver = time.Second

var errStopping = errors.New("the worker stops; another one applies the rest")

// leave makes the batch be tried again for a change that was not begun.
func (b *batch) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.retry = &apierr.Error{Kind: apierr.NotYet, RetryAfter: max(handOver, apierr.RetryAfter(b.retry)), Err: errStopping}
}

func (b *batch) resume() {
	for _, key := range b.progress.Applied {
		b.done[key] = true
	}
	for _, failure := range b.progress.Failures {
		b.done[failure.Key] = true
	}
}

// finish notes what became of one change.
func (b *batch) finish(ctx context.Context, key string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kind, known := apierr.KindOf(err)
	switch {
	case err == nil:
		b.progress.Applied = append(b.progress.Applied, key)
	case final(ctx, kind, known):
		b.progress.Failures = append(b.progress.Failures, workflows.ChangeFailure{Key: key, Kind: string(kind), Message: err.Error()})
	default:
		if b.retry == nil || apierr.RetryAfter(err) > apierr.RetryAfter(b.retry) {
			b.retry = err
		}
		return
	}
	pulseOf(ctx).note(ctx, b.progress)
}
