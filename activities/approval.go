package activities

import (
	"context"
	"errors"
	"time"

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
	// QueueSuffix ends the names of the task queues of the workflows.
	QueueSuffix string
	// Converter reads the memos of approvals; it is the client's.
	Converter converter.DataConverter
}

// request opens the approval of a scope. One that is open and shows the same changes is left alone; one that shows
// others is told, and starts over with these. A single change that a person has lately rejected is not
// asked for again.
func (a Approvals) request(ctx context.Context, _ plan.Scope, request workflows.ApprovalRequest) error {
	id := workflows.ApprovalID(request.Integration, request.Scope, request.Key)
	open, err := a.shows(ctx, id, request.Digest, request.Key != "")
	if err != nil || open {
		return err
	}
	_, err = a.Temporal.SignalWithStartWorkflow(ctx, id, workflows.OfferSignal, request, client.StartWorkflowOptions{
		TaskQueue:     request.Integration + a.QueueSuffix,
		StaticSummary: "held changes of " + request.Integration + " wait for a decision",
	}, workflows.ApprovalType, request)
	return err
}

// rejectedFor is how long nobody is asked again for a single change that a person has rejected.
const rejectedFor = 7 * 24 * time.Hour

// shows says whether an approval is open for exactly the changes with the digest, or a person has lately rejected the single one.
func (a Approvals) shows(ctx context.Context, id, digest string, single bool) (bool, error) {
	description, err := a.Temporal.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	info := description.GetWorkflowExecutionInfo()
	var shown, state string
	for field, value := range map[string]*string{workflows.MemoDigest: &shown, workflows.MemoState: &state} {
		if payload, ok := info.GetMemo().GetFields()[field]; ok {
			if err := a.Converter.FromPayload(payload, value); err != nil {
				return false, err
			}
		}
	}
	if info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		lately := time.Since(info.GetCloseTime().AsTime()) < rejectedFor
		return single && lately && shown == digest && state == string(workflows.ApprovalRejected), nil
	}
	return shown == digest, nil
}
