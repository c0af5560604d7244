package temporal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/testkit/temporal"
)

const estate = `schedules:
  quay-membership:
    memo:
      managedBy: qontract-temporal
    schedule:
      action:
        startWorkflow:
          input:
            payloads:
            - payload:
                args: [a, b]
          taskQueue:
            kind: TASK_QUEUE_KIND_NORMAL
            name: quay-membership
          workflowId: quay-membership
          workflowType:
            name: scheduled
      policies:
        catchupWindow: 3600s
        overlapPolicy: SCHEDULE_OVERLAP_POLICY_SKIP
      spec:
        interval:
        - interval: 600s
          phase: 12s
      state:
        notes: paused for a test
        paused: true
versions:
  qontract-temporal:
    current: b2
    draining:
    - b1
`

func server(t *testing.T) *temporal.Server {
	t.Helper()
	return &temporal.Server{Address: serverstest.Temporal(t).HostPort, Converter: converter.GetDefaultDataConverter()}
}

func open(t *testing.T, s *temporal.Server, text string) *temporal.World {
	t.Helper()
	w, err := s.World(t.Context(), []byte(text))
	require.NoError(t, err)
	return w
}

func TestADumpIsWhatWasLoaded(t *testing.T) {
	s := server(t)
	w := open(t, s, estate)
	dump, err := w.Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, w.Config().Converter, s.Converter)
	again := open(t, s, string(dump)+versionsOf(estate))
	second, err := again.Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(dump), string(second))
	d, err := w.Client.WorkerDeploymentClient().GetHandle("qontract-temporal").DescribeVersion(t.Context(), client.WorkerDeploymentDescribeVersionOptions{BuildID: "b1"})
	require.NoError(t, err)
	require.Equal(t, client.WorkerDeploymentVersionDrainageStatus(client.WorkerDeploymentVersionDrainageStatusDraining), d.Info.DrainageInfo.DrainageStatus)
	require.NoError(t, w.Close(t.Context()))
	require.NoError(t, again.Close(t.Context()))
}

func TestANamespaceIsTakenAgainWithoutItsSchedules(t *testing.T) {
	s := server(t)
	first := open(t, s, withoutVersions(estate))
	namespace := first.Config().Namespace
	require.NoError(t, first.Close(t.Context()))
	other := open(t, s, "versions: {other: {current: a}}")
	require.NotEqual(t, namespace, other.Config().Namespace, "it has other versions")
	second := open(t, s, "{}")
	require.Equal(t, namespace, second.Config().Namespace)
	dump, err := second.Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, "{}\n", string(dump))
	third := open(t, s, "{}")
	require.NotEqual(t, namespace, third.Config().Namespace, "it is taken")
	for _, w := range []*temporal.World{other, second, third} {
		require.NoError(t, w.Close(t.Context()))
	}
}

func versionsOf(text string) string { return text[strings.Index(text, "versions:"):] }

func withoutVersions(text string) string { return strings.TrimSuffix(text, versionsOf(text)) }

func TestCallsAreToldApartBySchedule(t *testing.T) {
	w := open(t, server(t), withoutVersions(estate))
	w.Faults.Reset()
	schedules := w.Client.ScheduleClient()
	w.Faults.FailNext(fault.Call{Method: "POST", Path: "/temporal.api.workflowservice.v1.WorkflowService/DescribeSchedule", Operation: "other"}, fault.Failure{Status: 404})
	_, err := schedules.GetHandle(t.Context(), "quay-membership").Describe(t.Context())
	require.NoError(t, err)
	_, err = schedules.GetHandle(t.Context(), "other").Describe(t.Context())
	require.Error(t, err)
	require.Empty(t, w.Faults.Writes())
	require.NoError(t, schedules.GetHandle(t.Context(), "quay-membership").Delete(t.Context()))
	require.Len(t, w.Faults.Writes(), 1)
	_, err = schedules.GetHandle(t.Context(), "quay-membership").Describe(t.Context())
	var gone *serviceerror.NotFound
	require.ErrorAs(t, err, &gone)
	dump, err := w.Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, "{}\n", string(dump))
	_, err = schedules.Create(t.Context(), client.ScheduleOptions{ID: "new", Action: &client.ScheduleWorkflowAction{ID: "w", Workflow: "w", TaskQueue: "q"}})
	require.NoError(t, err)
	dump, err = w.Dump(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(dump), "new:", "what a run made is in the dump")
	require.NoError(t, w.Close(t.Context()))
}
