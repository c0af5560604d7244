package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

const name = "test-widgets"

// mark stands in every item; a history that shows it shows items.
const mark = "confidential"

// widget is a small item with a digest, which no compression makes smaller.
type widget struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Digest string `json:"digest"`
}

func (w widget) Key() string             { return w.Name }
func (w widget) Equal(other widget) bool { return w == other }

// widgets wants count items in each scope.
type widgets struct {
	count  int
	scopes []string
	// refuses is the item that cannot be made; -1 is none.
	refuses int
	// breaks are the errors with which reading a scope breaks off in the middle.
	breaks map[string]error
	// desires is called when the desired state is read.
	desires func(context.Context) error

	mu   sync.Mutex
	made map[string][]widget
}

func (r *widgets) Shards(context.Context, reconcile.Scope) ([]string, error) { return r.scopes, nil }

func (r *widgets) Desired(ctx context.Context, s reconcile.Scope) ([]widget, error) {
	if r.desires != nil {
		if err := r.desires(ctx); err != nil {
			return nil, err
		}
	}
	all := make([]widget, r.count)
	for i := range all {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", s.Name, i))
		all[i] = widget{Name: fmt.Sprintf("widget-%05d", i), Label: mark, Digest: hex.EncodeToString(sum[:])}
	}
	return all, nil
}

func (r *widgets) Current(_ context.Context, s reconcile.Scope, _ []widget) ([]widget, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read := slices.Clone(r.made[s.Name])
	if err := r.breaks[s.Name]; err != nil {
		return read[:len(read)/2], err
	}
	return read, nil
}

func (r *widgets) Apply(_ context.Context, s reconcile.Scope, c plan.Change[widget]) error {
	if c.Key == fmt.Sprintf("widget-%05d", r.refuses) {
		return apierr.Errorf(apierr.Denied, "the %s widget is refused", mark)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.Action == plan.Delete {
		r.made[s.Name] = slices.DeleteFunc(r.made[s.Name], func(w widget) bool { return w.Name == c.Key })
		return nil
	}
	r.made[s.Name] = append(r.made[s.Name], *c.Desired)
	return nil
}

func (r *widgets) definition() reconcile.Definition {
	r.made = map[string][]widget{}
	return reconcile.Definition{
		Name: name, Summary: "Makes widgets.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) {
			steps := reconcile.Reconcile(r)
			if r.scopes == nil {
				steps.Shards = nil
			}
			return steps, nil
		},
	}
}

// integration is one of the tests' own, by the name that the app-interface of the tests knows.
type integration interface {
	definition() reconcile.Definition
}

// installation is a worker on a Temporal server of its own.
type installation struct {
	*connect.Connection
	store string
}

// install starts a worker for the integration, which keeps large payloads in a folder and encrypts with the keys that
// the reference names.
func install(t *testing.T, r integration, keys string, change ...func(*host.Options)) installation {
	t.Helper()
	return installAt(t, serverstest.OwnTemporal(t).HostPort, r, keys, change...)
}

// installAt starts a worker at a Temporal server.
func installAt(t *testing.T, address string, r integration, keys string, change ...func(*host.Options)) installation {
	t.Helper()
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "test", Integrations: []reconcile.Definition{r.definition()}})
	require.NoError(t, err)
	folder := t.TempDir()
	c := leaktest.New(t).Connect(t, connect.Options{
		Address: address, Identity: "test", Payloads: payload.Options{Store: payload.Folder(folder), Keys: keys},
	})
	app := appInterface(t)
	options := host.Options{
		Client: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(),
		Clients: clients.New(app, configfile.New(config.Tables{})), Searchable: true, Drain: time.Second, FirstRetry: time.Millisecond,
	}
	for _, set := range change {
		set(&options)
	}
	h, err := host.New(options)
	require.NoError(t, err)
	require.NoError(t, h.Start())
	t.Cleanup(h.Stop)
	return installation{c, folder}
}

// appInterface serves a bundle that knows the integration, and the other files.
func appInterface(t *testing.T, others ...fstest.MapFS) *appinterface.Client {
	t.Helper()
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	files := fstest.MapFS{"data/integration.yml": {Data: []byte(
		"$schema: /app-sre/integration-1.yml\nname: " + name + "\ndescription: d\nschemas: [/app-sre/integration-1.yml]\n")}}
	for _, other := range others {
		maps.Copy(files, other)
	}
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	reader, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
	require.NoError(t, err)
	return reader
}

// run runs the integration to its end.
func (i installation) run(t *testing.T) (*workflows.Result, error) {
	t.Helper()
	started, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name}, name, workflows.Input{})
	require.NoError(t, err)
	result := &workflows.Result{}
	err = started.Get(t.Context(), result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, err
	}
	return result, err
}

// size is what the history of a workflow's latest run takes.
func (i installation) size(t *testing.T, id string) (events, size int64) {
	t.Helper()
	description, err := i.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	info := description.GetWorkflowExecutionInfo()
	return info.GetHistoryLength(), info.GetHistorySizeBytes()
}

// objects counts what is in the store.
func (i installation) objects(t *testing.T) int {
	t.Helper()
	count := 0
	require.NoError(t, filepath.WalkDir(i.store, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			count++
		}
		return err
	}))
	return count
}
