package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/fleetwatch"
	"github.com/app-sre/qontract-temporal/internal/monitoring"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// shrinking is an integration that would delete everything.
type shrinking struct{}

func (shrinking) Desired(context.Context, reconcile.Scope) ([]team, error) {
	return []team{"new"}, nil
}

func (shrinking) Current(context.Context, reconcile.Scope, []team) (all []team, _ error) {
	for i := range 30 {
		all = append(all, team(fmt.Sprint("old-", i)))
	}
	return all, nil
}

func (shrinking) Apply(context.Context, reconcile.Scope, plan.Change[team]) error { return nil }

// bursting is an integration that is at fault.
type bursting struct{ shrinking }

func (bursting) Desired(context.Context, reconcile.Scope) ([]team, error) {
	var none []team
	return none[1:2], nil
}

// reports is a Sentry that keeps what it is sent.
type reports struct {
	mu   sync.Mutex
	sent strings.Builder
}

func (r *reports) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent.Write(body)
}

func (r *reports) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent.String()
}

// named are the metrics that a rule or a dashboard reads, with who does.
func named(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	text, err := os.ReadFile("../deploy/monitoring/alerts.yaml")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			for _, name := range monitoring.Names(rule.Expr) {
				names[name] = rule.Alert
			}
		}
	}
	for _, dashboard := range monitoring.Dashboards() {
		for _, expr := range dashboard.Expressions() {
			for _, name := range monitoring.Names(expr) {
				names[name] = dashboard.UID
			}
		}
	}
	require.Greater(t, len(names), 20)
	return names
}

// promised are the metrics of the fleet that are there only while there is something to say, and those of integrations.
func promised(t *testing.T) []string {
	t.Helper()
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	descriptions := make(chan *prometheus.Desc, 100)
	fleetwatch.New(fleetwatch.Options{Integrations: registry.All()}).Describe(descriptions)
	close(descriptions)
	names := []string{"qontract_reconcile_openshift_resource_inventory"}
	for description := range descriptions {
		names = append(names, regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(description.String())[1])
	}
	return names
}

func TestAlertsAndDashboardsReadMetricsThatAWorkerExports(t *testing.T) {
	temporal := serverstest.OwnTemporal(t)
	watch := leaktest.New(t)
	c := watch.Connect(t, connect.Options{Address: temporal.HostPort})
	told := &reports{}
	server := httptest.NewServer(told)
	defer server.Close()
	t.Setenv("SENTRY_DSN", strings.Replace(server.URL, "://", "://key@", 1)+"/1")
	t.Setenv("SENTRY_EVENT_LEVEL", "ERROR")
	family := reconcile.Family{Name: "test"}
	for name, steps := range map[string]reconcile.Steps{
		"slow-teams": reconcile.Reconcile(crews{}), "shrinking": reconcile.Reconcile(shrinking{}), "bursting": reconcile.Reconcile(bursting{}),
	} {
		family.Integrations = append(family.Integrations, reconcile.Definition{
			Name: name, Summary: "Tests.", Every: time.Hour, Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
			Build: func(*clients.Set) (reconcile.Steps, error) { return steps, nil },
		})
	}
	out := &logs{}
	w := watched(t, []reconcile.Family{family}, temporal.HostPort, watch, out)
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, d := range family.Integrations {
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: d.Name, TaskQueue: d.Name}, d.Name, workflows.Input{})
		require.NoError(t, err)
		_ = run.Get(patience, nil)
		require.NoError(t, patience.Err(), "%s does not end: %s", d.Name, out)
	}
	var exported string
	for _, line := range []string{
		`qontract_temporal_deletions_blocked{integration="shrinking",reason="held",scope=""} 30`,
		`qontract_reconcile_last_run_status{integration="shrinking",shard_id="0-1",shards="1"} 3`,
		`qontract_reconcile_last_run_status{integration="bursting",shard_id="0-1",shards="1"} 1`,
	} {
		require.Eventually(t, func() bool {
			_, exported = w.get(t, "/metrics")
			return strings.Contains(exported, line)
		}, 60*time.Second, 50*time.Millisecond, line)
	}
	require.Contains(t, exported, `qontract_temporal_approval_since_timestamp_seconds{integration="shrinking",scope="",workflow_id="approval/shrinking"}`)
	watch.Text("the metrics of a worker", exported)
	known := promised(t)
	for line := range strings.Lines(exported) {
		name, _, _ := strings.Cut(line, "{")
		name, _, _ = strings.Cut(name, " ")
		known = append(known, name)
	}
	names := named(t)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		require.True(t, slices.Contains(known, name), "%s reads %s, which no worker exports", names[name], name)
	}

	w.stop()
	require.NoError(t, <-w.ended)
	watch.Text("what Sentry is told", told.String())
	for _, part := range []string{`"level":"fatal"`, `"step":"desired"`, `"level":"error"`, `"kind":"Invalid"`, `"workflow":"bursting"`} {
		require.Contains(t, told.String(), part)
	}
	require.NotContains(t, told.String(), `"integration":"shrinking"`, "what is held is no failure")
}
