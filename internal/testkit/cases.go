// Package testkit runs an integration's cases as tests.
package testkit

import (
	"context"
	"crypto/rand"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// Run rehearses every testdata/*.txtar of the package on a real Temporal server, with the automatic checks, and looks
// for the cases' secrets in all that was written. With the test flag -update the cases' plan and after files are what came out.
func Run(t *testing.T, d reconcile.Definition) {
	t.Helper()
	registry := registryOf(t, d)
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths, "testdata has no case")
	stages := make(chan *rehearse.Stage, min(stagesAtOnce, len(paths)))
	for range cap(stages) {
		stages <- newStage(t, registry)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			stage := <-stages
			defer func() { stages <- stage }()
			hold(t, stage, registry, path)
		})
	}
}

// RunCase rehearses one case, as Run does.
func RunCase(t *testing.T, d reconcile.Definition, path string) {
	t.Helper()
	registry := registryOf(t, d)
	hold(t, newStage(t, registry), registry, path)
}

func registryOf(t *testing.T, d reconcile.Definition) *reconcile.Registry {
	t.Helper()
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "test", Integrations: []reconcile.Definition{d}})
	require.NoError(t, err)
	return registry
}

// hold holds the rehearsal of one case.
func hold(t *testing.T, stage *rehearse.Stage, registry *reconcile.Registry, path string) {
	t.Helper()
	c, err := rehearse.Read(path, registry)
	require.NoError(t, err)
	checks, err := stage.Rehearse(t.Context(), c, updating())
	require.NoError(t, err)
	for _, check := range checks {
		if check.Fault != "" {
			t.Errorf("%s:\n%s", check.Name, check.Fault)
		}
	}
}

// stagesAtOnce bounds the cases that run side by side. A run mostly waits for one of its servers.
const stagesAtOnce = 3

// newStage starts a stage in a namespace of its own: its workers must not get the tasks of another stage, be it one
// of another test binary.
func newStage(t *testing.T, registry *reconcile.Registry) *rehearse.Stage {
	t.Helper()
	temporal := serverstest.Temporal(t)
	options := client.Options{HostPort: temporal.HostPort, Namespace: "cases-" + rand.Text(), Logger: logging.Silent()}
	namespaces, err := client.NewNamespaceClient(options)
	require.NoError(t, err)
	t.Cleanup(namespaces.Close)
	require.NoError(t, namespaces.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: options.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	watch := leaktest.New(t)
	c := watch.Connect(t, connect.Options{
		Address: options.HostPort, Namespace: options.Namespace, Payloads: payload.Options{Store: payload.Folder(t.TempDir())},
	})
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Address: c.Address, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(),
		Kube:   func(context.Context) (*servers.Kube, error) { return serverstest.Kube(t), nil },
		Vaults: func(context.Context) ([]*servers.Vault, error) { return serverstest.SharedVaults() },
		Look:   watch.Bytes, Logger: watch.Logger(t),
	})
	require.NoError(t, err)
	t.Cleanup(stage.Close)
	return stage
}

// update is a flag of the test binaries that run cases.
var update = flag.Bool("update", false, "write what came out to the cases' plan and after files")

func updating() bool { return *update || os.Getenv("UPDATE") != "" }
