package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// team is an item that is made by being noted.
type team string

func (t team) Key() string     { return string(t) }
func (t team) Equal(team) bool { return true }

// teams is an integration that stops within its first change until it is released.
type teams struct {
	began, release chan struct{}

	mu   sync.Mutex
	made []string
}

func (r *teams) Desired(context.Context, reconcile.Scope) ([]team, error) {
	var all []team
	for i := range 60 {
		all = append(all, team(fmt.Sprintf("team-%02d", i)))
	}
	return all, nil
}

func (r *teams) Current(context.Context, reconcile.Scope, []team) ([]team, error) { return nil, nil }

func (r *teams) Apply(_ context.Context, _ reconcile.Scope, c plan.Change[team]) error {
	if c.Key == "team-00" {
		close(r.began)
		<-r.release
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = append(r.made, c.Key)
	return nil
}

func (r *teams) family() []reconcile.Family {
	return []reconcile.Family{{Name: "test", Integrations: []reconcile.Definition{{
		Name: "slow-teams", Summary: "Makes teams.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(r), nil },
	}}}}
}

// configuration writes a config.toml that leads to an app-interface which knows slow-teams.
func configuration(t *testing.T) string {
	t.Helper()
	return configurationOf(t, "slow-teams")
}

// configurationOf writes a config.toml that leads to an app-interface which knows the integrations.
func configurationOf(t *testing.T, integrations ...string) string {
	t.Helper()
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	files := fstest.MapFS{}
	for _, name := range integrations {
		files["data/"+name+".yml"] = &fstest.MapFile{Data: []byte(
			"$schema: /app-sre/integration-1.yml\nname: " + name + "\ndescription: d\nschemas: [/app-sre/integration-1.yml]\n")}
	}
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema, Timestamp: strconv.FormatInt(time.Now().Add(-2*time.Minute).Unix(), 10)})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("[graphql]\nserver = \""+serving.URL+"/graphql\"\ntoken = \""+leak.Plant("app-interface")+"\"\n"), 0o600))
	return path
}

// logs collects what a worker logs.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// started is a worker that runs, and the address of its operations.
type started struct {
	stop    context.CancelFunc
	ended   chan error
	address string
}

func start(t *testing.T, families []reconcile.Family, address string, watch *leaktest.Watch) *started {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out := &logs{}
	s := &started{stop: stop, ended: make(chan error, 1)}
	o := options{config: configuration(t), integrations: "*", listen: "127.0.0.1:0", drain: time.Minute, temporal: connect.Options{
		Address: address, Calls: []grpc.UnaryClientInterceptor{watch.Calls(t, payload.Options{})},
	}}
	go func() {
		err := run(ctx, families, out, o)
		watch.Text("the log of a worker", out.String())
		s.ended <- err
	}()
	said := regexp.MustCompile(`"working".*"operations":"([^"]+)"`)
	require.Eventually(t, func() bool { return said.MatchString(out.String()) }, 20*time.Second, 10*time.Millisecond)
	s.address = said.FindStringSubmatch(out.String())[1]
	return s
}

func (s *started) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + s.address + path)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

func TestDrainingLosesAndRepeatsNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	temporal := serverstest.OwnTemporal(t)
	watch := leaktest.New(t)
	c := watch.Connect(t, connect.Options{Address: temporal.HostPort})
	r := &teams{began: make(chan struct{}), release: make(chan struct{})}

	first := start(t, r.family(), temporal.HostPort, watch)
	code, _ := first.get(t, "/readyz")
	require.Equal(t, http.StatusOK, code)
	execution, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "slow-teams", TaskQueue: "slow-teams"}, "slow-teams", workflows.Input{})
	require.NoError(t, err)
	<-r.began
	first.stop()
	require.Eventually(t, func() bool {
		code, _ := first.get(t, "/readyz")
		return code == http.StatusServiceUnavailable
	}, 10*time.Second, 10*time.Millisecond, "a worker that drains is not ready")
	code, _ = first.get(t, "/healthz")
	require.Equal(t, http.StatusOK, code, "and yet alive")
	close(r.release)
	require.NoError(t, <-first.ended)

	second := start(t, r.family(), temporal.HostPort, watch)
	result := workflows.Result{}
	require.NoError(t, execution.Get(t.Context(), &result))
	require.Equal(t, workflows.Success, result.Outcome)
	require.Len(t, result.Changes, 60)
	seen := map[string]int{}
	for _, key := range r.made {
		seen[key]++
	}
	require.Len(t, seen, 60)
	for key, times := range seen {
		require.Equal(t, 1, times, key)
	}
	_, metrics := second.get(t, "/metrics")
	require.Contains(t, metrics, "go_goroutines")
	require.Contains(t, metrics, "temporal_")
	watch.Text("the metrics of a worker", metrics)
	second.stop()
	require.NoError(t, <-second.ended)
	encoded, err := json.Marshal(result)
	require.NoError(t, err)
	require.Contains(t, string(encoded), `"workflowId":"slow-teams"`)
}

func TestAWorkerThatCannotStartSaysWhy(t *testing.T) {
	families := (&teams{}).family()
	for _, tc := range []struct {
		name   string
		change func(*options)
		err    string
	}{
		{"an unknown integration", func(o *options) { o.integrations = "slow-team" }, `"slow-team" matches no integration; did you mean slow-teams?`},
		{"an unknown level", func(o *options) { o.logLevel = "LOUD" }, `--log-level: "LOUD" is none of`},
		{"no configuration", func(o *options) { o.config = "/nonexistent/config.toml" }, "configuration file /nonexistent/config.toml does not exist"},
		{"no Temporal", func(o *options) { o.temporal.Address = "127.0.0.1:1" }, "cannot reach Temporal at 127.0.0.1:1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := options{config: configuration(t), integrations: "*", listen: "127.0.0.1:0"}
			tc.change(&o)
			began := time.Now()
			require.ErrorContains(t, run(t.Context(), families, io.Discard, o), tc.err)
			require.Less(t, time.Since(began), 15*time.Second)
		})
	}
}
