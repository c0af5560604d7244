package views

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/serviceerror"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Detail is one run: what began it, what it planned, and what came of that.
type Detail struct {
	Run
	// Decision says that it is no run, but a request for the decision on held changes.
	Decision  bool   `json:"decision,omitempty"`
	StartedBy Origin `json:"startedBy"`
	// Args are the integration's flags as they were given.
	Args plan.Args `json:"args,omitempty"`
	// Approved is the decision that a run carries out.
	Approved *workflows.Decision `json:"approved,omitempty"`
	// Result is what the run ended with. Of a run without one it is what its history says by now.
	Result workflows.Result `json:"result"`
	// Partial says that the run has not ended with a result.
	Partial bool `json:"partial,omitempty"`
	// Step says in words what goes on, and Steps where the changes of a long-running scope stand. A worker has to answer for it.
	Step  string                   `json:"step,omitempty"`
	Steps []workflows.StepProgress `json:"steps,omitempty"`
	// Trouble are errors of steps that are tried again, and why Temporal has ended the run.
	Trouble []string `json:"trouble,omitempty"`
	Scopes  []Scope  `json:"scopes,omitempty"`
	// Approvals are what became of what the run held, or the request itself.
	Approvals []Approval `json:"approvals,omitempty"`
}

// Scope is a child of a run.
type Scope struct {
	Scope      string `json:"scope"`
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId,omitempty"`
	UI         string `json:"ui,omitempty"`
}

// Detail reads a run; without a run ID it is the latest. Its error is Missing where there is none.
func (s Source) Detail(ctx context.Context, workflowID, runID string) (*Detail, error) {
	description, err := s.DescribeWorkflowExecution(ctx, workflowID, runID)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, apierr.Errorf(apierr.Missing, "there is no run of the workflow %q: `starter runs` lists those that Temporal keeps, and a run has its integration's name", strings.TrimSuffix(workflowID+"/"+runID, "/"))
	}
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", workflowID, err)
	}
	execution := description.GetWorkflowExecutionInfo()
	d := &Detail{Run: s.run(execution)}
	switch d.Integration {
	case workflows.ScheduledType:
		return s.scheduled(ctx, d, attribute[string](execution, scheduledBy))
	case workflows.ApprovalType:
		return d, s.decision(ctx, d, s.approval(execution))
	}
	begun, err := s.first(ctx, d.Run)
	if err != nil {
		return nil, err
	}
	if err := s.origin(ctx, d, begun); err != nil {
		return nil, err
	}
	for _, pending := range description.GetPendingActivities() {
		if last := pending.GetLastFailure(); last != nil {
			step := strings.TrimPrefix(pending.GetActivityType().GetName(), d.Integration+"/")
			d.Trouble = append(d.Trouble, fmt.Sprintf("%s is tried again (attempt %d): %v", step, pending.GetAttempt(), errorOf(s, last)))
		}
	}
	if err := s.result(ctx, d); err != nil {
		return nil, err
	}
	return d, s.decisions(ctx, d)
}
