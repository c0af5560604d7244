package rehearse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"golang.org/x/sync/semaphore"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// left are the workflows of long-running scopes that go on when the runs of a world have ended. None may reach the next one.
type left struct {
	temporal client.Client
	ids      []string
	steps    *underWay
}

// note remembers the scopes that a run may have left.
func (l *left) note(d reconcile.Definition, result *workflows.Result) {
	for _, change := range result.Changes {
		if change.Followed {
			l.add(workflows.FollowedID(d.Name, change.Scope, change.Key))
		}
	}
	if !d.LongRunning {
		return
	}
	for _, change := range result.Changes {
		l.add(workflows.RunID(d.Name, change.Scope))
	}
	for _, failure := range result.Errors {
		l.add(workflows.RunID(d.Name, failure.Scope))
	}
}

func (l *left) add(id string) {
	if !slices.Contains(l.ids, id) {
		l.ids = append(l.ids, id)
	}
}

// end terminates them, also when the rehearsal was cancelled, and waits for the steps that they have under way. What it
// could not end is left to the next call.
func (l *left) end(ctx context.Context) error {
	if len(l.ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardWithin)
	defer cancel()
	for _, id := range l.ids {
		err := l.temporal.TerminateWorkflow(ctx, id, "", "the rehearsal has ended")
		var over *serviceerror.NotFound
		if err != nil && !errors.As(err, &over) {
			return fmt.Errorf("terminate workflow %s: %w", id, err)
		}
	}
	if err := l.steps.none(ctx); err != nil {
		return fmt.Errorf("the steps of a case do not end: %w", err)
	}
	l.ids = nil
	return nil
}

// underWay knows whether steps are.
type underWay struct {
	interceptor.WorkerInterceptorBase
	slots *semaphore.Weighted
}

func newUnderWay() *underWay { return &underWay{slots: semaphore.NewWeighted(math.MaxInt64)} }

// none waits until no step is under way.
func (u *underWay) none(ctx context.Context) error {
	if err := u.slots.Acquire(ctx, math.MaxInt64); err != nil {
		return err
	}
	u.slots.Release(math.MaxInt64)
	return nil
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (u *underWay) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	step := &stepUnderWay{slots: u.slots}
	step.Next = next
	return step
}

type stepUnderWay struct {
	interceptor.ActivityInboundInterceptorBase
	slots *semaphore.Weighted
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (s *stepUnderWay) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if err := s.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.slots.Release(1)
	return s.Next.ExecuteActivity(ctx, in)
}
