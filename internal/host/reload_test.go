package host_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations/appinterface/servicedependencies"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// reloading is an app-interface that loads another bundle right before one of the calls that it answers.
type reloading struct {
	app  *server.Server
	next http.Handler

	mu     sync.Mutex
	before int
	calls  int
	bundle *server.Bundle
}

func (r *reloading) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.calls++
	if r.calls == r.before {
		r.app.Load(r.bundle)
	}
	r.mu.Unlock()
	r.next.ServeHTTP(w, req)
}

// reset serves one bundle, and another one from the n-th call on.
func (r *reloading) reset(first, second *server.Bundle, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.app.Load(first)
	r.bundle, r.before, r.calls = second, n, 0
}

// bundle has an app and a service whose names tell which bundle they are from. Its commit makes it one of its own.
func bundle(t *testing.T, version, commit string) *server.Bundle {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"integration": "$schema: /app-sre/integration-1.yml\nname: service-dependencies\ndescription: d\n" +
			"schemas: [/app-sre/app-1.yml, /app-interface/app-interface-settings-1.yml, /dependencies/dependency-1.yml, /dependencies/quay-org-1.yml]\n",
		"settings": "$schema: /app-interface/app-interface-settings-1.yml\nvault: false\ndependencies: [{type: quay, services: [{$ref: /quay.yml}]}]\n",
		"quay":     "$schema: /dependencies/dependency-1.yml\nname: quay-" + version + "\n",
		"org":      "$schema: /dependencies/quay-org-1.yml\nname: acme\n",
		"app":      "$schema: /app-sre/app-1.yml\nname: app-" + version + "\ndescription: d\nonboardingStatus: OnBoarded\nquayRepos: [{org: {$ref: /org.yml}}]\n",
	} {
		files["data/"+name+".yml"] = &fstest.MapFile{Data: []byte(text)}
	}
	b, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema, Commit: commit})
	require.NoError(t, err)
	return b
}

// TestFailureMode10_ABundleThatIsReloadedInMidRunIsNotMixed loads another bundle before each of a run's calls to
// app-interface. The validator's finding names an app and a service, which it reads with two queries.
func TestFailureMode10_ABundleThatIsReloadedInMidRunIsNotMixed(t *testing.T) {
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	r := &reloading{app: app, next: app.Handler()}
	serving := httptest.NewServer(r)
	t.Cleanup(serving.Close)
	reader, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
	require.NoError(t, err)
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "test", Integrations: []reconcile.Definition{servicedependencies.Definition()}})
	require.NoError(t, err)
	temporal := serverstest.OwnTemporal(t)
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir())}})
	h, err := host.New(host.Options{
		Client: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(),
		Clients: clients.New(reader, configfile.New(config.Tables{})), Drain: time.Second, FirstRetry: time.Millisecond,
	})
	require.NoError(t, err)
	require.NoError(t, h.Start())
	t.Cleanup(h.Stop)

	seen := map[string]int{}
	calls := 1
	for n := 1; n <= calls; n++ {
		first, second := bundle(t, "old", fmt.Sprintf("old-%d", n)), bundle(t, "new", fmt.Sprintf("new-%d", n))
		r.reset(first, second, n)
		started, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: servicedependencies.Name, TaskQueue: servicedependencies.Name},
			servicedependencies.Name, workflows.Input{})
		require.NoError(t, err)
		result := workflows.ResultOf(started.Get(t.Context(), nil))
		require.NotNil(t, result)
		require.Empty(t, result.Errors)
		version := map[string]string{first.SHA(): "old", second.SHA(): "new"}[result.Bundle]
		require.NotEmpty(t, version)
		require.Len(t, result.Findings, 1)
		require.Equal(t, "app app-"+version, result.Findings[0].Subject, "reloaded before call %d", n)
		require.Contains(t, result.Findings[0].Message, "quay-"+version, "reloaded before call %d", n)
		seen[version]++
		r.mu.Lock()
		calls = r.calls
		r.mu.Unlock()
	}
	require.Equal(t, map[string]int{"new": 1, "old": calls - 1}, seen, "only a bundle that is there before the run begins is read")
	require.Equal(t, 5, calls, "the sha, its commit, the list of integrations, and two queries")
}
