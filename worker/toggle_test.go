package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/unleashapi"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// idle is an integration with nothing to do.
type idle struct{}

func (idle) Desired(context.Context, reconcile.Scope) ([]team, error)         { return nil, nil }
func (idle) Current(context.Context, reconcile.Scope, []team) ([]team, error) { return nil, nil }
func (idle) Apply(context.Context, reconcile.Scope, plan.Change[team]) error  { return nil }

// TestAToggleThatIsOffSkipsTheRun uses a real Unleash, and counts what app-interface is asked.
func TestAToggleThatIsOffSkipsTheRun(t *testing.T) {
	const name = "toggled-teams"
	unleash, temporal := serverstest.OwnUnleash(t), serverstest.OwnTemporal(t)
	require.NoError(t, unleash.CreateToggle(t.Context(), name))
	t.Setenv(unleashapi.EnvURL, unleash.URL)
	t.Setenv(unleashapi.EnvToken, unleash.ClientToken)

	app, err := server.New(server.Options{})
	require.NoError(t, err)
	bundle, err := server.ReadFolder(fstest.MapFS{"data/integration.yml": {Data: []byte(
		"$schema: /app-sre/integration-1.yml\nname: " + name + "\ndescription: d\nschemas: [/app-sre/integration-1.yml]\n")}},
		server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	var queries atomic.Int32
	serving := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		queries.Add(1)
		app.Handler().ServeHTTP(w, req)
	}))
	defer serving.Close()
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("[graphql]\nserver = \""+serving.URL+"/graphql\"\n"), 0o600))

	families := []reconcile.Family{{Name: "test", Integrations: []reconcile.Definition{{
		Name: name, Summary: "Makes no teams.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(idle{}), nil },
	}}}}
	ctx, stop := context.WithCancel(t.Context())
	out, ended := &logs{}, make(chan error, 1)
	go func() {
		ended <- run(ctx, families, out, options{config: path, integrations: "*", listen: "127.0.0.1:0", drain: time.Minute,
			temporal: connect.Options{Address: temporal.HostPort}})
	}()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), `"working"`) }, 20*time.Second, 10*time.Millisecond)
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort})
	outcome := func() (workflows.Result, client.WorkflowRun) {
		execution, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name}, name, workflows.Input{})
		require.NoError(t, err)
		result := workflows.Result{}
		require.NoError(t, execution.Get(t.Context(), &result))
		return result, execution
	}

	result, _ := outcome()
	require.Equal(t, workflows.Clean, result.Outcome, "a toggle that is on changes nothing")
	require.NotZero(t, queries.Load())

	require.NoError(t, unleash.Switch(t.Context(), name, false))
	queries.Store(0)
	var skipped client.WorkflowRun
	require.Eventually(t, func() bool {
		queries.Store(0)
		result, skipped = outcome()
		return result.Outcome == workflows.Skipped
	}, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, "the toggle toggled-teams is off in Unleash; switch it on to run the integration", result.Reason)
	require.Zero(t, queries.Load(), "app-interface is asked nothing")
	require.Empty(t, result.Bundle)
	require.Equal(t, 1, activitiesOf(t, c, skipped), "asking for the toggle is no step of its own")

	require.NoError(t, unleash.Stop())
	result, _ = outcome()
	require.Equal(t, workflows.Skipped, result.Outcome, "without Unleash its last answer counts")
	require.Eventually(t, func() bool {
		result, _ = outcome()
		return strings.Contains(out.String(), "Unleash does not answer: toggles stay as last known")
	}, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, workflows.Skipped, result.Outcome)
	require.NotContains(t, out.String(), unleash.ClientToken)
	stop()
	require.NoError(t, <-ended)
}

// activitiesOf counts the activities in the history of a run.
func activitiesOf(t *testing.T, c client.Client, execution client.WorkflowRun) int {
	t.Helper()
	count := 0
	for events := c.GetWorkflowHistory(t.Context(), execution.GetID(), execution.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		require.NoError(t, err)
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			count++
		}
	}
	return count
}
