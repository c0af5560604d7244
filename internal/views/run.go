package views

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/workflows"
)

// Outcomes of runs beside those of workflows.Outcome.
const (
	// Running is a run that goes on.
	Running = "running"
	// Completed is a run that went well, where the server knows no search attributes that would say more.
	Completed  = "completed"
	TimedOut   = "timed-out"
	Terminated = "terminated"
	Cancelled  = "cancelled"
)

// Run is a run as lists show it.
type Run struct {
	Integration string `json:"integration"`
	// Scope is that of the child of a run, "" for a run itself.
	Scope      string `json:"scope,omitempty"`
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId"`
	DryRun     bool   `json:"dryRun,omitempty"`
	// Outcome is one of workflows.Outcome, or of those of this package.
	Outcome string `json:"outcome"`
	// Changes counts those that were made, planned or held; nil where nobody noted it.
	Changes *int64    `json:"changes,omitempty"`
	Bundle  string    `json:"bundle,omitempty"`
	Started time.Time `json:"started"`
	// Ended is nil while the run goes on.
	Ended *time.Time `json:"ended,omitempty"`
	UI    string     `json:"ui,omitempty"`
}

// Took is how long the run took, or takes by now.
func (r Run) Took(now time.Time) time.Duration {
	if r.Ended != nil {
		now = *r.Ended
	}
	return now.Sub(r.Started)
}

// Well says of a run that is over whether it ended as it should.
func (r Run) Well() bool {
	switch r.Outcome {
	case string(workflows.Failed), string(workflows.Invalid), TimedOut, Terminated, Cancelled:
		return false
	}
	return true
}

func (s Source) run(execution *workflow.WorkflowExecutionInfo) Run {
	integration, id := execution.GetType().GetName(), execution.GetExecution().GetWorkflowId()
	place := placeOf(integration, id)
	r := Run{
		Integration: integration, Scope: place.scope, DryRun: place.dryRun,
		WorkflowID: id, RunID: execution.GetExecution().GetRunId(), Started: execution.GetStartTime().AsTime(),
		Outcome: outcomeOf(execution.GetStatus(), attribute[string](execution, "Outcome")),
		Bundle:  attribute[string](execution, "Bundle"),
		UI:      s.Links.Run(id, execution.GetExecution().GetRunId()),
	}
	if at := execution.GetCloseTime(); at.IsValid() {
		ended := at.AsTime()
		r.Ended = &ended
	}
	if _, ok := execution.GetSearchAttributes().GetIndexedFields()["Changes"]; ok {
		changes := attribute[int64](execution, "Changes")
		r.Changes = &changes
	}
	return r
}

// outcomeOf puts together what Temporal says of a run and what the run says of itself.
func outcomeOf(status enums.WorkflowExecutionStatus, said string) string {
	switch status {
	case enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return TimedOut
	case enums.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return Terminated
	case enums.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return Cancelled
	case enums.WORKFLOW_EXECUTION_STATUS_RUNNING:
		if said == "" {
			return Running
		}
		return said
	case enums.WORKFLOW_EXECUTION_STATUS_FAILED:
		if said != string(workflows.Invalid) {
			return string(workflows.Failed)
		}
		return said
	default:
		if said == "" || said == string(workflows.Stuck) {
			return Completed
		}
		return said
	}
}

// attribute reads a search attribute, or its zero value.
func attribute[T any](execution *workflow.WorkflowExecutionInfo, name string) T {
	var value T
	if payload, ok := execution.GetSearchAttributes().GetIndexedFields()[name]; ok {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &value)
	}
	return value
}

// place is what the ID of a workflow says of it.
type place struct {
	scope  string
	dryRun bool
}

// placeOf reads an ID: <integration><shard> or <integration>/<scope>, and of dry runs <integration>/dry-run/<random>[/<scope>],
// or <integration><shard>/dry-run[/<scope>] where a schedule starts them. Whatever else runs has no scope.
func placeOf(integration, workflowID string) place {
	rest, ok := strings.CutPrefix(workflowID, integration)
	shard, rest, _ := strings.Cut(rest, "/")
	if !ok || shard != "" && !strings.HasPrefix(shard, "-") {
		return place{}
	}
	first, below, _ := strings.Cut(rest, "/")
	if first != dryRuns {
		return place{scope: rest}
	}
	random, scope, _ := strings.Cut(below, "/")
	if uuid.Validate(random) != nil {
		scope = below
	}
	return place{scope: scope, dryRun: true}
}

// dryRuns is what the IDs of dry runs have behind the integration.
const dryRuns = "dry-run"
