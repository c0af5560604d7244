package views

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/app-sre/qontract-temporal/internal/connect"
)

// archive answers lists from memory as a server does: by the quoted words of the query, the latest first, in pages.
type archive struct {
	client.Client
	runs  []*workflow.WorkflowExecutionInfo
	asked []string
}

func (a *archive) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	a.asked = append(a.asked, r.GetQuery())
	answer := &workflowservice.ListWorkflowExecutionsResponse{}
	for _, run := range a.runs {
		completed := run.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
		if !strings.Contains(r.GetQuery(), quoted(run.GetExecution().GetWorkflowId())) ||
			strings.Contains(r.GetQuery(), "NOT IN ('Running', 'Completed')") && completed || strings.Contains(r.GetQuery(), "= 'Completed'") && !completed {
			continue
		}
		if answer.Executions = append(answer.Executions, run); len(answer.Executions) == int(r.GetPageSize()) {
			answer.NextPageToken = []byte("more")
			break
		}
	}
	return answer, nil
}

// add adds a run that ended before all others that were added.
func (a *archive) add(id string, status enums.WorkflowExecutionStatus) time.Time {
	at := time.Date(2026, 1, 1, 0, 0, -len(a.runs), 0, time.UTC)
	a.runs = append(a.runs, &workflow.WorkflowExecutionInfo{
		Execution: &common.WorkflowExecution{WorkflowId: id, RunId: fmt.Sprint(len(a.runs))},
		Type:      &common.WorkflowType{Name: id}, Status: status, StartTime: timestamppb.New(at), CloseTime: timestamppb.New(at),
	})
	return at
}

func TestIntegrationsThatRunSeldomAreFoundBehindThoseThatRunOften(t *testing.T) {
	a := &archive{}
	for range 3 * pageSize {
		a.add("often", enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	}
	seldom := a.add("seldom", enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	for range 3 * pageSize {
		a.add("often", enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	}
	failed := a.add("often", enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT)
	good := a.add("seldom", enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	a.add("seldom", enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s := Source{Connection: &connect.Connection{Client: a}}

	found, err := s.latest(t.Context(), []string{"often", "seldom", "never"})
	require.NoError(t, err)
	require.Equal(t, seldom, *found["seldom"].last.Ended)
	require.Equal(t, good, *found["seldom"].before.Ended)
	require.Equal(t, failed, *found["often"].before.Ended, "the failure is far behind, and found by asking for failures")
	require.Nil(t, found["never"].last)
	require.Len(t, a.asked, 3, "the two lists, and the failures of what is well: %v", a.asked)
}
