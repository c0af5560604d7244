package views

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflow/v1"

	"github.com/app-sre/qontract-temporal/workflows"
)

// Approval is a request for the decision on held changes.
type Approval struct {
	Workflow string `json:"workflow"`
	// State is one of workflows.ApprovalState; "" where it has just begun.
	State   string    `json:"state"`
	Held    int       `json:"held"`
	Digest  string    `json:"digest"`
	Since   time.Time `json:"since"`
	By      string    `json:"by"`
	Comment string    `json:"comment"`
	Reason  string    `json:"reason"`
	UI      string    `json:"ui,omitempty"`

	ended *time.Time
}

// Subject is what is decided on: <integration> or <integration>/<scope>.
func (a Approval) Subject() string { return strings.TrimPrefix(a.Workflow, workflows.ApprovalType+"/") }

// Integration is whose changes are held.
func (a Approval) Integration() string {
	integration, _, _ := strings.Cut(a.Subject(), "/")
	return integration
}

// Approvals lists the requests, those that are open and then the latest to be decided.
func (s Source) Approvals(ctx context.Context) ([]Approval, error) {
	return s.approvals(ctx, "")
}

// approvals lists those that meet a condition.
func (s Source) approvals(ctx context.Context, condition string) ([]Approval, error) {
	all := []Approval{}
	for execution, err := range s.list(ctx, and("WorkflowType = "+quoted(workflows.ApprovalType), condition), pageSize) {
		if err != nil {
			return nil, fmt.Errorf("list the approvals: %w", err)
		}
		all = append(all, s.approval(execution))
	}
	return all, nil
}

func (s Source) approval(execution *workflow.WorkflowExecutionInfo) Approval {
	memo, id := execution.GetMemo(), execution.GetExecution()
	a := Approval{
		Workflow: id.GetWorkflowId(),
		State:    fromMemo[string](s, memo, workflows.MemoState),
		Held:     fromMemo[int](s, memo, workflows.MemoHeld),
		Digest:   fromMemo[string](s, memo, workflows.MemoDigest),
		Since:    execution.GetStartTime().AsTime(),
		By:       fromMemo[string](s, memo, workflows.MemoBy),
		Comment:  fromMemo[string](s, memo, workflows.MemoComment),
		Reason:   fromMemo[string](s, memo, workflows.MemoReason),
		UI:       s.Links.Run(id.GetWorkflowId(), id.GetRunId()),
	}
	if at := execution.GetCloseTime(); at.IsValid() {
		ended := at.AsTime()
		a.ended = &ended
	}
	return a
}
