package host_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// listed waits until the server lists so many executions of the integration that have ended.
func (i installation) listed(t *testing.T, executions int) {
	t.Helper()
	require.Eventually(t, func() bool {
		answer, err := i.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: "WorkflowType = '" + name + "' AND ExecutionStatus != 'Running'",
		})
		return err == nil && answer.GetCount() == int64(executions)
	}, 20*time.Second, 20*time.Millisecond)
}

func TestFailureMode15_AChangeThatSomebodyUndoesEachTimeIsReportedAndThenHeld(t *testing.T) {
	for _, tc := range []struct {
		name, scope string
		scopes      []string
	}{
		{"in an integration that is not split", "", nil},
		{"in a scope", "it's prod-1", []string{"it's prod-1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &widgets{count: 2, refuses: -1, scopes: tc.scopes}
			i := install(t, r, "")
			undo := func() { r.made[tc.scope] = r.made[tc.scope][:1] }
			run := func(n int) *workflows.Result {
				result, err := i.run(t)
				require.NoError(t, err)
				i.listed(t, n*(1+len(tc.scopes)))
				return result
			}
			for n := 1; n <= plan.HeldAfter; n++ {
				result := run(n)
				require.Equal(t, workflows.Success, result.Outcome)
				undo()
				if n <= 2 {
					require.Empty(t, result.Findings)
					continue
				}
				require.Len(t, result.Findings, 1, "run %d", n)
				require.Equal(t, tc.scope, result.Findings[0].Scope)
				require.Contains(t, result.Findings[0].Subject, "widget-00001")
				require.Contains(t, result.Findings[0].Message, "keeps coming back")
			}
			for n := plan.HeldAfter + 1; n <= plan.HeldAfter+2; n++ {
				result := run(n)
				require.Equal(t, workflows.Held, result.Outcome, "run %d", n)
				require.Empty(t, result.Changes)
				require.Len(t, result.Held, 1)
				require.Contains(t, result.Held[0].Guard, "5 runs in a row made it")
				require.Equal(t, workflows.ApprovalID(name, tc.scope, ""), result.Held[0].Approval)
			}
			require.Len(t, r.made[tc.scope], 1, "it is not made any more")

			r.made[tc.scope], _ = r.Desired(t.Context(), plan.Scope{Name: tc.scope})
			require.Equal(t, workflows.Clean, run(plan.HeldAfter+3).Outcome)
			undo()
			require.Equal(t, workflows.Success, run(plan.HeldAfter+4).Outcome, "a run without it ends the row")
		})
	}
}
