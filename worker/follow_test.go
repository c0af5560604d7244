package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/tracing"
	"github.com/app-sre/qontract-temporal/workflows"
)

// crews is an integration with one scope that counts what it sees.
type crews struct{}

var crewCount = metrics.Gauge{Name: "test_crew_count", Help: "Crews.", Labels: []string{"scope"}}

func (crews) Shards(context.Context, reconcile.Scope) ([]string, error) {
	return []string{"prod-1"}, nil
}

func (crews) Desired(ctx context.Context, s reconcile.Scope) ([]team, error) {
	metrics.From(ctx).Set(crewCount, 1, s.Name)
	return []team{"crew"}, nil
}

func (crews) Current(context.Context, reconcile.Scope, []team) ([]team, error) { return nil, nil }

func (crews) Apply(context.Context, reconcile.Scope, plan.Change[team]) error { return nil }

func crewFamily() []reconcile.Family {
	return []reconcile.Family{{Name: "test", Integrations: []reconcile.Definition{{
		Name: "slow-teams", Summary: "Makes crews.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(crews{}), nil },
	}}}}
}

// traces is an OpenTelemetry collector.
type traces struct {
	mu    sync.Mutex
	spans []*spans.Span
}

func collect(t *testing.T, watch *leaktest.Watch) *traces {
	t.Helper()
	all := &traces{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		watch.Text("a span", string(body))
		request := &collector.ExportTraceServiceRequest{}
		if err := proto.Unmarshal(body, request); err != nil {
			t.Error(err)
		}
		all.mu.Lock()
		defer all.mu.Unlock()
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				all.spans = append(all.spans, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	return all
}

// of returns the names of a trace's spans that carry the attribute, and whether all of its spans hang together.
func (a *traces) of(id, attribute, value string) (names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, span := range a.spans {
		if hexOf(span.GetTraceId()) != id {
			continue
		}
		for _, has := range span.GetAttributes() {
			if has.GetKey() == attribute && has.GetValue().GetStringValue() == value {
				names = append(names, span.GetName())
			}
		}
	}
	return names
}

func hexOf(id []byte) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, octet := range id {
		b.WriteByte(digits[octet>>4])
		b.WriteByte(digits[octet&15])
	}
	return b.String()
}

// watched starts a worker that looks at the fleet all the time, and writes its log to out.
func watched(t *testing.T, families []reconcile.Family, address string, watch *leaktest.Watch, out *logs) *started {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &started{stop: stop, ended: make(chan error, 1)}
	o := options{
		config: configurationOf(t, "slow-teams", "shrinking", "bursting"), integrations: "*", listen: "127.0.0.1:0", drain: time.Minute, lookEvery: 100 * time.Millisecond,
		temporal: connect.Options{Address: address, Calls: []grpc.UnaryClientInterceptor{watch.Calls(t, payload.Options{})}},
	}
	go func() {
		err := run(ctx, families, out, o)
		watch.Text("the log of a worker", out.String())
		s.ended <- err
	}()
	said := regexp.MustCompile(`"working".*"operations":"([^"]+)"`)
	require.Eventually(t, func() bool { return said.MatchString(out.String()) }, 60*time.Second, 10*time.Millisecond)
	s.address = said.FindStringSubmatch(out.String())[1]
	return s
}

// TestARunIsFollowedFromMetricToHistoryByItsWorkflowID begins at a metric that everybody watches, and knows nothing of the run
// but what it finds on the way.
func TestARunIsFollowedFromMetricToHistoryByItsWorkflowID(t *testing.T) {
	temporal := serverstest.OwnTemporal(t)
	watch := leaktest.New(t)
	collected := collect(t, watch)
	starting, err := tracing.FromEnvironment(t.Context(), "starter", func(name string) string { return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "set"}[name] })
	require.NoError(t, err)
	c := watch.Connect(t, connect.Options{Address: temporal.HostPort, Interceptors: starting.Interceptors})
	out := &logs{}
	w := watched(t, crewFamily(), temporal.HostPort, watch, out)
	execution, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "slow-teams", TaskQueue: "slow-teams"}, "slow-teams", workflows.Input{})
	require.NoError(t, err)
	require.NoError(t, execution.Get(t.Context(), nil))
	starting.Stop()

	// The metric names the workflow.
	info := regexp.MustCompile(`qontract_temporal_last_run_info\{bundle="\w+",integration="slow-teams",outcome="applied",run_id="([^"]+)",shard_id="0-1",shards="1",workflow_id="([^"]+)"\} 1`)
	var exported string
	require.Eventually(t, func() bool {
		_, exported = w.get(t, "/metrics")
		return info.MatchString(exported)
	}, 60*time.Second, 50*time.Millisecond)
	found := info.FindStringSubmatch(exported)
	runID, workflowID := found[1], found[2]
	watch.Text("the metrics of a worker", exported)
	for _, line := range []string{
		`# TYPE qontract_reconcile_last_run_seconds gauge`,
		`qontract_reconcile_last_run_status{integration="slow-teams",shard_id="0-1",shards="1"} 0`,
		`# TYPE qontract_reconcile_execution_counter counter`,
		`qontract_reconcile_execution_counter{integration="slow-teams",shard_id="0-1",shards="1"} 1`,
		`qontract_reconcile_execution_counter_total{integration="slow-teams",shard_id="0-1",shards="1"} 1`,
		`test_crew_count{scope="prod-1"} 1`,
		// The bundle's commit is two minutes old.
		`qontract_reconcile_function_elapsed_seconds_since_bundle_commit_bucket{integration="slow-teams",name="apply",le="60"} 0`,
		`qontract_reconcile_function_elapsed_seconds_since_bundle_commit_count{integration="slow-teams",name="apply"} 1`,
		`qontract_temporal_task_queue_backlog{task_queue="slow-teams",type="workflow"} 0`,
	} {
		require.Contains(t, exported, "\n"+line+"\n")
	}

	// The log has it, with the trace.
	type line struct{ Msg, Workflow, Run, Integration, Scope, Bundle, Outcome, TraceID string }
	var ended line
	for text := range strings.Lines(out.String()) {
		var one line
		require.NoError(t, json.Unmarshal([]byte(text), &one))
		if one.Workflow == workflowID && one.Msg == "run ended" {
			ended = one
		}
	}
	require.Equal(t, "slow-teams", ended.Integration)
	require.Equal(t, "applied", ended.Outcome)
	require.Equal(t, runID, ended.Run)
	require.NotEmpty(t, ended.Bundle)
	require.Regexp(t, `^[0-9a-f]{32}$`, ended.TraceID)

	// The trace leads from the command that started the run to the steps, those of its scopes too.
	w.stop()
	require.NoError(t, <-w.ended)
	require.Subset(t, collected.of(ended.TraceID, "temporalWorkflowID", workflowID), []string{"StartWorkflow:slow-teams", "RunWorkflow:slow-teams", "RunActivity:slow-teams/open"})
	require.Equal(t, []string{"RunActivity:slow-teams/apply"}, intersect(collected.of(ended.TraceID, "scope", "prod-1"), "RunActivity:slow-teams/apply"))
	require.Contains(t, collected.of(ended.TraceID, "workflow", "slow-teams/prod-1"), "RunActivity:slow-teams/desired")

	// And the history is there under the same ID.
	history := c.GetWorkflowHistory(t.Context(), workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := history.Next()
	require.NoError(t, err)
	require.Equal(t, "slow-teams", first.GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName())
}

func intersect(names []string, wanted string) []string {
	var found []string
	for _, name := range names {
		if name == wanted {
			found = append(found, name)
		}
	}
	return found
}
