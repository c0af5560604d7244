package activities

import (
	"context"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Interceptor stands around every activity: it heartbeats, gives the logger its fields, counts outcomes, and
// turns errors into Temporal's form.
type Interceptor struct {
	interceptor.WorkerInterceptorBase
	// Recorder sends heartbeats that must not be lost; without one they may be.
	Recorder Recorder
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (w *Interceptor) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &inbound{recorder: w.Recorder}
	i.Next = next
	return i
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
	recorder Recorder
}

func (i *inbound) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&fields{interceptor.ActivityOutboundInterceptorBase{Next: outbound}})
}

func (i *inbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if scope, ok := scopeOf(in.Args); ok {
		ctx = context.WithValue(ctx, scopeKey{}, scope)
	}
	beating, stop := beat(ctx, i.recorder)
	started := time.Now()
	result, err := i.execute(beating, in)
	stop()
	observe(ctx, time.Since(started), err)
	return result, failure(beating, err)
}

// execute runs the step. A panic is a defect that trying again does not cure.
func (i *inbound) execute(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			activity.GetLogger(ctx).Error("step panicked", "cause", cause, "stack", string(debug.Stack()))
			err = apierr.Errorf(apierr.Invalid, "the step panicked, which is a defect of the integration: %v", cause)
		}
	}()
	return i.Next.ExecuteActivity(ctx, in)
}

// observe counts and times the step by its outcome, and logs what went wrong.
func observe(ctx context.Context, took time.Duration, err error) {
	info := activity.GetInfo(ctx)
	integration, step, _ := strings.Cut(info.ActivityType.Name, "/")
	outcome := "ok"
	if err != nil {
		outcome = "error"
		if kind, known := apierr.KindOf(err); known {
			outcome = string(kind)
		}
		activity.GetLogger(ctx).Warn("step failed", "kind", outcome, "error", err)
	}
	metrics := activity.GetMetricsHandler(ctx).WithTags(map[string]string{"integration": integration, "step": step, "outcome": outcome})
	metrics.Counter("qontract_temporal_steps").Inc(1)
	metrics.Timer("qontract_temporal_step_latency").Record(took)
}

// fields adds the scope to every log line of a step.
type fields struct {
	interceptor.ActivityOutboundInterceptorBase
}

func (f *fields) GetLogger(ctx context.Context) log.Logger {
	logger := f.Next.GetLogger(ctx)
	scope, ok := ctx.Value(scopeKey{}).(plan.Scope)
	if !ok {
		return logger
	}
	return log.With(logger, "integration", scope.Integration, "scope", scope.Name, "bundle", scope.Bundle.SHA,
		"attempt", strconv.Itoa(int(activity.GetInfo(ctx).Attempt)))
}

type scopeKey struct{}

func scopeOf(args []any) (plan.Scope, bool) {
	if len(args) == 0 {
		return plan.Scope{}, false
	}
	scope, ok := args[0].(plan.Scope)
	return scope, ok
}
