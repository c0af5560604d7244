package activities

import (
	"context"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Interceptor stands around every activity: it heartbeats, gives the logger its fields, counts outcomes, and
// turns errors into Temporal's form.
type Interceptor struct {
	interceptor.WorkerInterceptorBase
	// Recorder sends heartbeats that must not be lost; without one they may be.
	Recorder Recorder
	// Measures takes what steps measure; without one nobody does.
	Measures *metrics.Collector
	// Reports is told of panics; without one the log alone is.
	Reports Reports
}

// Reports is who is told of defects.
type Reports interface {
	// Panic takes the cause and where it happened.
	Panic(cause any, labels map[string]string)
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (w *Interceptor) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &inbound{recorder: w.Recorder, measures: w.Measures, reports: w.Reports}
	i.Next = next
	return i
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
	recorder Recorder
	measures *metrics.Collector
	reports  Reports
}

func (i *inbound) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&fields{interceptor.ActivityOutboundInterceptorBase{Next: outbound}})
}

func (i *inbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if scope, ok := scopeOf(in.Args); ok {
		ctx = context.WithValue(ctx, scopeKey{}, scope)
	}
	for name, value := range labels(ctx) {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String(name, value))
	}
	ctx = logging.Into(ctx, activity.GetLogger(ctx))
	ctx, measured := i.measure(ctx)
	beating, stop := beat(ctx, i.recorder)
	started := time.Now()
	result, err := i.execute(beating, in)
	stop()
	measured()
	observe(ctx, time.Since(started), err)
	return result, failure(beating, err)
}

// execute runs the step. A panic is a defect that trying again does not cure.
func (i *inbound) execute(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			activity.GetLogger(ctx).Error("step panicked", "cause", cause, "stack", string(debug.Stack()))
			if i.reports != nil {
				i.reports.Panic(cause, labels(ctx))
			}
			err = apierr.Errorf(apierr.Invalid, "the step panicked, which is a defect of the integration: %v", cause)
		}
	}()
	return i.Next.ExecuteActivity(ctx, in)
}

// measure opens the scope of what the step measures, and returns what ends it. Dry runs measure nothing: they may read another
// bundle. The run of an approval covers what the run before it has measured.
func (i *inbound) measure(ctx context.Context) (context.Context, func()) {
	info := activity.GetInfo(ctx)
	if i.measures == nil || workflows.IsDryRun(info.WorkflowExecution.ID) || strings.HasPrefix(info.WorkflowExecution.ID, workflows.ApprovalType+"/") {
		return ctx, func() {}
	}
	scope := i.measures.Begin(metrics.Origin{
		WorkflowID: info.WorkflowExecution.ID, RunID: info.WorkflowExecution.RunID, Step: info.ActivityType.Name, At: info.StartedTime,
	})
	return metrics.Into(ctx, scope), scope.End
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
	handler := activity.GetMetricsHandler(ctx).WithTags(map[string]string{"integration": integration, "step": step, "outcome": outcome})
	handler.Counter("qontract_temporal_steps").Inc(1)
	handler.Timer("qontract_temporal_step_latency").Record(took)
}

// labels say what a step belongs to, in traces and reports.
func labels(ctx context.Context) map[string]string {
	info := activity.GetInfo(ctx)
	integration, step, _ := strings.Cut(info.ActivityType.Name, "/")
	labels := map[string]string{
		"integration": integration, "step": step, "workflow": info.WorkflowExecution.ID, "run": info.WorkflowExecution.RunID,
	}
	if scope, ok := ctx.Value(scopeKey{}).(plan.Scope); ok {
		labels["scope"], labels["bundle"] = scope.Name, scope.Bundle.SHA
	}
	return labels
}

// fields adds what a step belongs to to each of its log lines.
type fields struct {
	interceptor.ActivityOutboundInterceptorBase
}

func (f *fields) GetLogger(ctx context.Context) log.Logger {
	info := f.GetInfo(ctx)
	integration, _, _ := strings.Cut(info.ActivityType.Name, "/")
	scope, _ := ctx.Value(scopeKey{}).(plan.Scope)
	return log.With(f.Next.GetLogger(ctx), "integration", integration, "scope", scope.Name, "bundle", scope.Bundle.SHA,
		"workflow", info.WorkflowExecution.ID, "run", info.WorkflowExecution.RunID, "attempt", strconv.Itoa(int(info.Attempt)))
}

type scopeKey struct{}

func scopeOf(args []any) (plan.Scope, bool) {
	if len(args) == 0 {
		return plan.Scope{}, false
	}
	scope, ok := args[0].(plan.Scope)
	return scope, ok
}
