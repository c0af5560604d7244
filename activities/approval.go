package activities

import (
	"context"
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Approvals asks people for decisions on held changes. There is one open request for a scope.
type Approvals struct {
	Temporal client.Client
}

// request opens the approval of a scope. One that is open and shows the same changes is left alone; one that shows
// others is told, and starts over with these.
func (a Approvals) request(ctx context.Context, _ plan.Scope, request workflows.ApprovalRequest) error {
	id := workflows.ApprovalID(request.Integration, request.Scope)
	open, err := a.shows(ctx, id, request.Digest)
	if err != nil || open {
		return err
	}
	_, err = a.Temporal.SignalWithStartWorkflow(ctx, id, workflows.OfferSignal, request, client.StartWorkflowOptions{
		TaskQueue:     request.Integration,
		StaticSummary: "held changes of " + request.Integration + " wait for a decision",
	}, workflows.ApprovalType, request)
	return err
}

// shows says whether an approval is open for exactly the changes with the digest.
func (a Approvals) shows(ctx context.Context, id, digest string) (bool, error) {
	description, err := a.Temporal.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	info := description.GetWorkflowExecutionInfo()
	if info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil
	}
	shown := ""
	if payload, ok := info.GetMemo().GetFields()[workflows.MemoDigest]; ok {
		if err := converter.GetDefaultDataConverter().FromPayload(payload, &shown); err != nil {
			return false, err
		}
	}
	return shown == digest, nil
}
