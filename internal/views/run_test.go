package views

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
)

func TestWhatTheIDOfAWorkflowSays(t *testing.T) {
	const random = "cb4f463a-cb29-47d2-8a55-c53add6123cf"
	for id, want := range map[string]place{
		"quay":                               {},
		"quay-prod-1":                        {},
		"quay/quay.io/example":               {scope: "quay.io/example"},
		"quay/dry-run/" + random:             {dryRun: true},
		"quay/dry-run/" + random + "/io/two": {dryRun: true, scope: "io/two"},
		"quay-prod-1/dry-run":                {dryRun: true},
		"quay/dry-run":                       {dryRun: true},
		"quay/dry-run/io/two":                {dryRun: true, scope: "io/two"},
		"approval/quay/io/run":               {},
		"quayside/x":                         {},
	} {
		require.Equal(t, want, placeOf("quay", id), id)
	}
}

func TestWhatARunEndedAs(t *testing.T) {
	const (
		completed = enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
		failed    = enums.WORKFLOW_EXECUTION_STATUS_FAILED
		running   = enums.WORKFLOW_EXECUTION_STATUS_RUNNING
	)
	for _, tc := range []struct {
		name   string
		status enums.WorkflowExecutionStatus
		said   string
		want   string
	}{
		{"it says so itself", completed, "applied", "applied"},
		{"nobody says more than Temporal", completed, "", "completed"},
		{"it was stuck and went on", completed, "stuck", "completed"},
		{"it failed before it could say so", failed, "", "failed"},
		{"it was stuck and failed", failed, "stuck", "failed"},
		{"a validator found faults", failed, "invalid", "invalid"},
		{"it goes on", running, "", "running"},
		{"it is stuck", running, "stuck", "stuck"},
		{"it was stuck and took too long", enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, "stuck", "timed-out"},
		{"somebody ended it", enums.WORKFLOW_EXECUTION_STATUS_TERMINATED, "", "terminated"},
		{"somebody cancelled it", enums.WORKFLOW_EXECUTION_STATUS_CANCELED, "", "cancelled"},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, outcomeOf(tc.status, tc.said)) })
	}
}
