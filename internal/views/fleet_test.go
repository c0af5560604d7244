package views_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// register makes a namespace that knows none of our search attributes.
func register(t *testing.T, dial func(connect.Options) *connect.Connection, namespace string) {
	t.Helper()
	// The connection to a namespace that is not there yet is good enough to make it.
	c := dial(connect.Options{})
	_, err := c.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	require.NoError(t, err)
	await(t, func() bool {
		_, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace})
		return err == nil
	})
}

func TestTheStateOfEachIntegration(t *testing.T) {
	e := newEstate(t, "", "better", "busy", "calm", "cut-off", "dry", "held-back", "idle", "new", "patient", "resting", "split", "stuck-one", "worse")
	e.begin(t, "better", "better", says{Outcome: "failed", Fails: true})
	e.begin(t, "better", "better", says{Outcome: "applied", Changes: 3})
	e.begin(t, "worse", "worse", says{Outcome: "clean"})
	e.begin(t, "worse", "worse", says{Fails: true})
	e.begin(t, "worse", "worse", says{Outcome: "invalid", Fails: true})
	e.begin(t, "calm", "calm", says{Outcome: "clean"})
	e.begin(t, "calm", "calm/dry-run/1", says{Outcome: "failed", DryRun: true, Fails: true})
	e.begin(t, "calm", "calm/prod-1", says{Outcome: "failed", Scope: "prod-1", Fails: true})
	e.begin(t, "busy", "busy", says{Outcome: "skipped"})
	e.begin(t, "busy", "busy", says{Stays: true})
	e.begin(t, "new", "new", says{Stays: true})
	e.begin(t, "stuck-one", "stuck-one/prod-1", says{Outcome: "stuck", Scope: "prod-1", Stays: true})
	e.begin(t, "patient", "patient", says{Outcome: "waiting", Changes: 1})
	e.begin(t, "patient", "patient/account", says{Outcome: "waiting", Scope: "account", Stays: true})
	e.begin(t, "cut-off", "cut-off", says{Stays: true})
	require.NoError(t, e.TerminateWorkflow(t.Context(), "cut-off", "", "enough"))
	e.begin(t, "held-back", "held-back", says{Outcome: "held", Changes: 12})
	_, err := e.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: workflows.ApprovalID("held-back", "prod-1", ""), TaskQueue: queue, Memo: map[string]any{
		workflows.MemoState: "waiting", workflows.MemoHeld: 12, workflows.MemoDigest: "beef",
	}}, workflows.ApprovalType, says{Stays: true})
	require.NoError(t, err)
	e.begin(t, "split", "split-a", says{Outcome: "clean"})
	e.begin(t, "split", "split-b", says{Outcome: "failed", Fails: true})
	e.begin(t, "resting", "resting", says{Outcome: "clean"})

	e.begin(t, "dry", "dry", says{Outcome: "failed", Fails: true})
	e.begin(t, "dry", "dry/dry-run", says{Outcome: "planned", Changes: 4, DryRun: true})

	e.schedule(t, "dry", "dry", "", client.ScheduleOptions{})
	e.schedule(t, "resting", "resting", "", client.ScheduleOptions{Paused: true, Note: "ann@laptop: the migration"})
	e.schedule(t, "calm", "calm", "", client.ScheduleOptions{})
	e.schedule(t, "split-a", "split", "a", client.ScheduleOptions{})
	e.schedule(t, "split-b", "split", "b", client.ScheduleOptions{Paused: true, Note: "bob: b is down"})
	e.schedule(t, "gone", "gone", "", client.ScheduleOptions{})
	e.schedule(t, "idle", "", "", client.ScheduleOptions{Memo: map[string]any{"owner": "somebody else"}})

	fleet := e.fleet(t, views.FleetOptions{Queues: true}, func(f *views.Fleet) bool {
		return f.Totals.Scheduled == 4 && f.Totals.States[views.OK] == 4 && f.Totals.States[views.Stuck] == 1 && len(f.Strange) == 1 &&
			f.Totals.States[views.Failing] == 3 && f.Totals.States[views.Waiting] == 1 && f.Totals.States[views.Held] == 1
	})
	var order []string
	by := map[string]views.Integration{}
	for _, one := range fleet.Integrations {
		order = append(order, fmt.Sprintf("%s %s", one.State, one.Name))
		by[one.Name] = one
	}
	require.Equal(t, []string{
		"stuck stuck-one", "failing cut-off", "failing split", "failing worse", "held held-back", "paused resting", "waiting patient", "running new",
		"never idle", "ok better", "ok busy", "ok calm", "ok dry",
	}, order)
	require.Equal(t, views.Totals{Integrations: 13, Running: 2, Scheduled: 4, States: map[views.State]int{
		views.Stuck: 1, views.Failing: 3, views.Held: 1, views.Paused: 1, views.Waiting: 1, views.Begun: 1, views.Never: 1, views.OK: 4,
	}}, fleet.Totals)
	require.Equal(t, []string{"gone"}, fleet.Strange, "a schedule that is not ours is nobody's business")
	require.Equal(t, "https://ui.example/namespaces/default/workflows", fleet.UI)

	better := by["better"]
	require.Equal(t, "applied", better.Last.Outcome)
	require.EqualValues(t, 3, *better.Last.Changes)
	require.NotNil(t, better.Since)
	require.True(t, better.Since.Before(better.Last.Started), "it is well since the failure before")
	worse := by["worse"]
	require.Equal(t, "invalid", worse.Last.Outcome)
	require.False(t, worse.Longer)
	require.True(t, worse.Since.Before(worse.Last.Started), "it fails since the good run")
	require.Equal(t, "https://ui.example/namespaces/default/workflows/worse/"+worse.Last.RunID+"/history", worse.Last.UI)
	require.Equal(t, "planned", by["dry"].Last.Outcome, "its schedule runs it dry")
	require.True(t, by["dry"].Last.DryRun)
	require.Equal(t, "terminated", by["cut-off"].Last.Outcome)
	require.True(t, by["cut-off"].Longer, "nobody knows of a good run")
	require.Equal(t, "skipped", by["busy"].Last.Outcome)
	require.Equal(t, "running", by["busy"].Running.Outcome)
	require.Nil(t, by["new"].Last)
	require.Equal(t, "stuck-one/prod-1", by["stuck-one"].Open[0].WorkflowID)
	require.Equal(t, "account", by["patient"].Open[0].Scope)
	require.Nil(t, by["calm"].Shards)
	require.NotNil(t, by["calm"].Next)
	require.Equal(t, "every 48h", by["calm"].Schedule)
	require.Nil(t, by["better"].Next)

	held := by["held-back"].Held
	require.Len(t, held, 1)
	require.Equal(t, "held-back/prod-1", held[0].Subject())
	require.Equal(t, 12, held[0].Held)
	require.Equal(t, "beef", held[0].Digest)
	require.Equal(t, "ann@laptop: the migration", by["resting"].PausedNote)
	require.Nil(t, by["resting"].Next)
	require.Equal(t, []string{"ok", "failing"}, []string{string(by["split"].Shards[0].State), string(by["split"].Shards[1].State)})
	require.Equal(t, "b", by["split"].Shards[1].Shard)
	require.Equal(t, "bob: b is down", by["split"].PausedNote)
	require.NotNil(t, by["split"].Next, "a still has a next run")

	workers := map[string]int{}
	for _, q := range fleet.Queues {
		workers[q.Name] = q.Workers
	}
	require.Len(t, workers, 14)
	require.Equal(t, 1, workers[queue])
	require.Zero(t, workers["calm"])
}

func TestFewQuestionsAreAskedOfALargeFleet(t *testing.T) {
	names := make([]string, 144)
	for i := range names {
		names[i] = fmt.Sprintf("integration-%03d", i)
	}
	e := newEstate(t, "", names...)
	for i, name := range names[:100] {
		_, err := e.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: queue}, name, says{Outcome: "clean", Fails: i%10 == 0})
		require.NoError(t, err)
	}
	e.fleet(t, views.FleetOptions{}, func(f *views.Fleet) bool {
		return f.Totals.States[views.OK] == 90 && f.Totals.States[views.Failing] == 10 && f.Totals.Running == 0
	})
	read := func(o views.FleetOptions) map[string]int {
		o.Registry, o.Integrations = e.registry, e.registry.All()
		return e.during(func() {
			fleet, err := e.Fleet(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, map[views.State]int{views.OK: 90, views.Failing: 10, views.Never: 44}, fleet.Totals.States)
		})
	}
	asked := read(views.FleetOptions{})
	require.Equal(t, map[string]int{"ListSchedules": 1, "ListWorkflowExecutions": 5}, withoutPolls(asked))

	asked = read(views.FleetOptions{Queues: true, Only: func(one views.Integration) bool { return one.State == views.Failing }})
	require.Equal(t, map[string]int{"ListSchedules": 1, "ListWorkflowExecutions": 5, "DescribeTaskQueue": 11}, withoutPolls(asked),
		"queues are looked at of what is shown")
}

// withoutPolls leaves out what the worker of the test asks.
func withoutPolls(asked map[string]int) map[string]int {
	all := maps.Clone(asked)
	for _, name := range []string{
		"PollWorkflowTaskQueue", "PollActivityTaskQueue", "PollNexusTaskQueue", "RespondWorkflowTaskCompleted", "GetSystemInfo",
		"DescribeNamespace", "RecordWorkerHeartbeat", "ShutdownWorker",
	} {
		delete(all, name)
	}
	return all
}

func TestAServerWithoutSearchAttributes(t *testing.T) {
	e := newEstate(t, "bare", "good", "bad")
	e.begin(t, "good", "good", says{Unsearchable: true})
	e.begin(t, "bad", "bad", says{Unsearchable: true, Fails: true})
	fleet := e.fleet(t, views.FleetOptions{}, func(f *views.Fleet) bool {
		return f.Totals.States[views.OK] == 1 && f.Totals.States[views.Failing] == 1
	})
	require.True(t, fleet.Unsearchable)
	require.Equal(t, "bad", fleet.Integrations[0].Name)
	require.Equal(t, "completed", fleet.Integrations[1].Last.Outcome)

	filter := views.Filter{Integrations: []string{"bad", "good"}, Most: 10, Outcomes: []string{"failed"}}
	listed, err := e.Runs(t.Context(), filter)
	require.NoError(t, err)
	require.True(t, listed.Unsearchable)
	require.Len(t, listed.Runs, 1)
	require.Equal(t, "bad", listed.Runs[0].WorkflowID)
	filter.Outcomes = []string{"applied"}
	_, err = e.Runs(t.Context(), filter)
	require.ErrorContains(t, err, `no outcome "applied": expected one of running, completed, failed`)
}
