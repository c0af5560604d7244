package fleetwatch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/fleetwatch"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

var fleet = []reconcile.Definition{
	{Name: "quay-membership", Writes: []reconcile.System{reconcile.Quay}},
	{Name: "vault-replication", Writes: []reconcile.System{reconcile.Vault}},
}

var outcome = temporal.NewSearchAttributeKeyKeyword("Outcome")

// play is a run that ends with the outcome, or goes on with it.
func play(ctx workflow.Context, ends string, goesOn bool) error {
	if err := workflow.UpsertTypedSearchAttributes(ctx, outcome.ValueSet(ends)); err != nil {
		return err
	}
	if goesOn {
		return workflow.Await(ctx, func() bool { return false })
	}
	if ends == "failed" {
		return errors.New("refused")
	}
	return nil
}

type stage struct {
	*connect.Connection
	t *testing.T
}

func setUp(t *testing.T) stage {
	t.Helper()
	c := leaktest.New(t).Connect(t, connect.Options{
		Address: serverstest.OwnTemporal(t).HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir())},
	})
	ok, err := connect.Searchable(t.Context(), c)
	require.NoError(t, err)
	require.True(t, ok)
	w := worker.New(c.Client, "quay-membership", worker.Options{})
	for _, name := range []string{"quay-membership", workflows.ScopeType("quay-membership"), workflows.ApprovalType} {
		w.RegisterWorkflowWithOptions(play, workflow.RegisterOptions{Name: name})
	}
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return stage{c, t}
}

func (s stage) start(id, kind, ends string, goesOn bool) client.WorkflowRun {
	s.t.Helper()
	run, err := s.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "quay-membership"}, kind, ends, goesOn)
	require.NoError(s.t, err)
	if !goesOn {
		_ = run.Get(s.t.Context(), nil)
	}
	return run
}

// worker is one of several that watch the same fleet.
func (s stage) watch(measures *metrics.Collector) *fleetwatch.Watch {
	return fleetwatch.New(fleetwatch.Options{
		Client: s.Client, Namespace: s.Namespace, Converter: s.Payloads.Converter, Integrations: fleet, Measures: measures, Searchable: true,
		Logger: logging.From(s.t.Context()),
	})
}

// exported is what the collector exports, by lines, looked at until it has all of them.
func (s stage) eventually(w *fleetwatch.Watch, lines ...string) (all string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		require.NoError(s.t, w.Look(s.t.Context()))
		all = text(s.t, w)
		for _, line := range lines {
			if !strings.Contains(all, line+"\n") {
				return false
			}
		}
		return true
	}, 30*time.Second, 50*time.Millisecond, "%s is not all of %s", &all, strings.Join(lines, "\n"))
	return all
}

func text(t *testing.T, c prometheus.Collector) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	var b strings.Builder
	for _, family := range families {
		_, err := expfmt.MetricFamilyToText(&b, family)
		require.NoError(t, err)
	}
	return b.String()
}

func TestEveryWorkerSaysTheSameOfTheLastRuns(t *testing.T) {
	s := setUp(t)
	first, second := s.watch(nil), s.watch(nil)
	status := func(value string) string {
		return `qontract_reconcile_last_run_status{integration="quay-membership",shard_id="0-1",shards="1"} ` + value
	}
	for _, tc := range []struct{ outcome, status string }{{"applied", "0"}, {"failed", "1"}, {"held", "3"}, {"clean", "0"}} {
		run := s.start("quay-membership", "quay-membership", tc.outcome, false)
		info := `qontract_temporal_last_run_info{bundle="",integration="quay-membership",outcome="` + tc.outcome + `",run_id="` + run.GetRunID() + `",shard_id="0-1",shards="1",workflow_id="quay-membership"} 1`
		for _, w := range []*fleetwatch.Watch{first, second} {
			all := s.eventually(w, status(tc.status), info)
			require.Equal(t, 1, strings.Count(all, "qontract_temporal_last_run_info{"), "the runs before are no longer said")
		}
	}
	s.start(workflows.DryRunID("quay-membership", "1"), "quay-membership", "failed", false)
	s.start("quay-membership-prod-1", "quay-membership", "failed", false)
	all := s.eventually(first, `qontract_reconcile_last_run_status{integration="quay-membership",shard_id="prod-1",shards="1"} 1`, status("0"))
	require.NotContains(t, all, "dry-run", "a dry run says nothing of the fleet")
	fresh := s.watch(nil)
	s.eventually(fresh, status("0"), `qontract_reconcile_last_run_status{integration="quay-membership",shard_id="prod-1",shards="1"} 1`)
	require.Empty(t, text(t, s.watch(nil)), "nothing is said before the first look")
}

func TestWhatWaitsIsExported(t *testing.T) {
	s := setUp(t)
	s.start("approval/quay-membership/org-1", workflows.ApprovalType, "waiting", true)
	s.start("quay-membership", "quay-membership", "stuck", true)
	s.start("quay-membership/a", workflows.ScopeType("quay-membership"), "failed", true)
	s.start("quay-membership/b", "quay-membership", "waiting", true)
	_, err := s.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "vault-replication", TaskQueue: "vault-replication"}, "vault-replication")
	require.NoError(t, err)
	all := s.eventually(s.watch(nil),
		`qontract_temporal_waiting_scopes{integration="quay-membership"} 1`,
		`qontract_temporal_task_queue_backlog{task_queue="vault-replication",type="workflow"} 1`,
		`qontract_temporal_task_queue_pollers{task_queue="vault-replication",type="workflow"} 0`,
		`qontract_temporal_task_queue_pollers{task_queue="quay-membership",type="workflow"} 1`,
		`qontract_temporal_task_queue_backlog{task_queue="act-quay",type="activity"} 0`,
	)
	for _, line := range []string{
		`qontract_temporal_approval_since_timestamp_seconds{integration="quay-membership",scope="org-1",workflow_id="approval/quay-membership/org-1"} 1.`,
		`qontract_temporal_stuck_since_timestamp_seconds{integration="quay-membership",outcome="stuck",scope="",workflow_id="quay-membership"} 1.`,
		`qontract_temporal_stuck_since_timestamp_seconds{integration="quay-membership",outcome="failed",scope="",workflow_id="quay-membership/a"} 1.`,
		`qontract_temporal_fleet_look_timestamp_seconds{part="waits"} 1.`,
	} {
		require.Contains(t, all, line)
	}
}

func TestOurSchedulesAreExported(t *testing.T) {
	s := setUp(t)
	for id, memo := range map[string]map[string]any{
		"quay-membership":   {"managedBy": "qontract-temporal", "integration": "quay-membership"},
		"vault-replication": {"managedBy": "somebody else", "integration": "vault-replication"},
	} {
		_, err := s.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
			ID: id, Memo: memo, Paused: true, Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 10 * time.Minute}}},
			Action: &client.ScheduleWorkflowAction{Workflow: "quay-membership", TaskQueue: "quay-membership"},
		})
		require.NoError(t, err)
	}
	all := s.eventually(s.watch(nil),
		`qontract_temporal_schedule_interval_seconds{integration="quay-membership",shard_id="0-1",shards="1"} 600`,
		`qontract_temporal_schedule_paused{integration="quay-membership",shard_id="0-1",shards="1"} 1`)
	require.NotContains(t, all, `integration="vault-replication"`)
}

func TestWhatAnotherWorkerHasMeasuredSinceIsForgotten(t *testing.T) {
	s := setUp(t)
	run := s.start("quay-membership", "quay-membership", "clean", false)
	measures := metrics.New()
	scope := measures.Begin(metrics.Origin{WorkflowID: "quay-membership", RunID: run.GetRunID(), Step: "quay-membership/diff", At: time.Now()})
	scope.Set(metrics.Gauge{Name: "seen", Help: "Seen."}, 1)
	scope.End()
	w := s.watch(measures)
	s.eventually(w, `qontract_reconcile_last_run_status{integration="quay-membership",shard_id="0-1",shards="1"} 0`)
	require.Contains(t, text(t, measures), "seen 1")
	later := s.start("quay-membership", "quay-membership", "clean", false)
	require.Eventually(t, func() bool {
		require.NoError(t, w.Look(t.Context()))
		return strings.Contains(text(t, w), later.GetRunID())
	}, 30*time.Second, 50*time.Millisecond)
	require.Empty(t, text(t, measures))
}

func TestAServerThatIsGoneIsReported(t *testing.T) {
	s := setUp(t)
	w := s.watch(nil)
	s.eventually(w, `qontract_temporal_task_queue_backlog{task_queue="act-quay",type="activity"} 0`)
	gone, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: logging.From(t.Context())})
	require.NoError(t, err)
	defer gone.Close()
	blind := fleetwatch.New(fleetwatch.Options{Client: gone, Namespace: "default", Converter: s.Payloads.Converter, Integrations: fleet, Searchable: true, Logger: logging.From(t.Context())})
	err = blind.Look(t.Context())
	for _, part := range []string{"schedules:", "runs:", "approvals:", "waits:", "task queues:"} {
		require.ErrorContains(t, err, part)
	}
	require.Empty(t, text(t, blind))
}
