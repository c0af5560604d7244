package host_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/workflows"
)

// history returns the events of a workflow's latest run.
func (i installation) history(t *testing.T, id string) []*history.HistoryEvent {
	t.Helper()
	var all []*history.HistoryEvent
	events := i.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		all = append(all, event)
	}
	return all
}

func TestFailureMode07_WhateverARunWaitsForHasADeadlineAndShows(t *testing.T) {
	r := &widgets{count: 1, refuses: -1, scopes: []string{"prod-1"}}
	i := install(t, r, "")
	for n := range 30 {
		r.made["prod-1"] = append(r.made["prod-1"], widget{Name: fmt.Sprintf("unwanted-%02d", n)})
	}
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Held, result.Outcome)
	approval := workflows.ApprovalID(name, "prod-1", "")
	require.Eventually(t, func() bool {
		waiting, err := i.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: "Outcome = 'waiting' AND Integration = '" + name + "' AND Scope = 'prod-1' AND ExecutionStatus = 'Running'",
		})
		return err == nil && waiting.GetCount() == 1
	}, 20*time.Second, 20*time.Millisecond)

	seen := map[enums.EventType]int{}
	for _, id := range []string{name, workflows.RunID(name, "prod-1"), approval} {
		for _, event := range i.history(t, id) {
			seen[event.GetEventType()]++
			if step := event.GetActivityTaskScheduledEventAttributes(); step != nil {
				require.Positive(t, step.GetScheduleToCloseTimeout().AsDuration(), step.GetActivityType().GetName())
				require.Positive(t, step.GetStartToCloseTimeout().AsDuration(), step.GetActivityType().GetName())
				require.Positive(t, step.GetHeartbeatTimeout().AsDuration(), step.GetActivityType().GetName())
			}
			if child := event.GetStartChildWorkflowExecutionInitiatedEventAttributes(); child != nil {
				require.Equal(t, workflows.LongestRun, child.GetWorkflowExecutionTimeout().AsDuration(), child.GetWorkflowId())
			}
		}
	}
	require.Equal(t, 6, seen[enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED], "open, desired, current, diff, apply and hold were looked at, and nothing else")
	require.Equal(t, 1, seen[enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED])
	require.Equal(t, 3, seen[enums.EVENT_TYPE_TIMER_STARTED], "the watches of the run and its scope, and the deadline of the approval")
}
