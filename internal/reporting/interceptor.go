package reporting

import (
	"errors"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/workflows"
)

// Interceptor stands around workflows and reports the runs that fail. Dry runs answer to whoever started them, and the
// failures of a scope are in the result of its run.
func (r *Reporter) Interceptor() interceptor.WorkerInterceptor { return &runs{reporter: r} }

type runs struct {
	interceptor.WorkerInterceptorBase
	reporter *Reporter
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (i *runs) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &inbound{reporter: i.reporter}
	in.Next = next
	return in
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	reporter *Reporter
}

func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	result, err := i.Next.ExecuteWorkflow(ctx, in)
	if err == nil || i.reporter == nil || workflow.IsReplaying(ctx) || len(in.Args) == 0 {
		return result, err
	}
	if input, isRun := in.Args[0].(workflows.Input); isRun && !input.DryRun && input.Scope == nil {
		if failed := carried(err); failed != nil {
			i.reporter.Failed(failed)
		}
	}
	return result, err
}

// carried is the result that the error of a failed run carries, before it is serialised: as what the workflow put there.
func carried(err error) (result *workflows.Result) {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.Type() != workflows.FailedRun || application.Details(&result) != nil {
		return nil
	}
	return result
}
