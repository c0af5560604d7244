package views_test

import (
	"context"
	"path"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/uilink"
	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// queue is where all workflows of these tests run.
const queue = "act-quay"

// says is what a workflow of these tests says of itself, and how it goes on.
type says struct {
	Outcome string
	Scope   string
	Changes int64
	DryRun  bool
	// Fails lets it end badly, Stays go on, and Unsearchable say nothing.
	Fails, Stays, Unsearchable bool
}

// act is a workflow of any type.
func act(ctx workflow.Context, input converter.EncodedValues) error {
	var in says
	if err := input.Get(&in); err != nil {
		return err
	}
	if !in.Unsearchable {
		set := []temporal.SearchAttributeUpdate{temporal.NewSearchAttributeKeyBool("DryRun").ValueSet(in.DryRun)}
		if in.Outcome != "" {
			set = append(set, temporal.NewSearchAttributeKeyKeyword("Outcome").ValueSet(in.Outcome), temporal.NewSearchAttributeKeyInt64("Changes").ValueSet(in.Changes))
		}
		if in.Scope != "" {
			set = append(set, temporal.NewSearchAttributeKeyKeyword("Scope").ValueSet(in.Scope))
		}
		if err := workflow.UpsertTypedSearchAttributes(ctx, set...); err != nil {
			return err
		}
	}
	if in.Stays {
		return workflow.Await(ctx, func() bool { return false })
	}
	if in.Fails {
		return temporal.NewNonRetryableApplicationError("it was to fail", "RunFailed", nil)
	}
	return nil
}

// estate is a Temporal with a worker for workflows of any type.
type estate struct {
	views.Source
	*calls
	registry *reconcile.Registry
}

// calls counts calls to Temporal by their names.
type calls struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *calls) intercept(ctx context.Context, method string, request, answer any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	c.mu.Lock()
	c.count[path.Base(method)]++
	c.mu.Unlock()
	return invoke(ctx, method, request, answer, conn, options...)
}

// during counts the calls that a function makes.
func (c *calls) during(f func()) map[string]int {
	c.mu.Lock()
	c.count = map[string]int{}
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

func newEstate(t *testing.T, namespace string, names ...string) estate {
	t.Helper()
	registry := registryOf(t, names...)
	server := serverstest.OwnTemporal(t)
	counted := &calls{count: map[string]int{}}
	watch := leaktest.New(t)
	dial := func(options connect.Options) *connect.Connection {
		options.Address, options.Namespace, options.Identity = server.HostPort, namespace, "ann@laptop"
		options.Payloads = payload.Options{Store: payload.Folder(t.TempDir())}
		return watch.Connect(t, options)
	}
	if namespace != "" {
		register(t, dial, namespace)
	}
	c := dial(connect.Options{Calls: []grpc.UnaryClientInterceptor{counted.intercept}})
	w := worker.New(c.Client, queue, worker.Options{})
	w.RegisterDynamicWorkflow(act, workflow.DynamicRegisterOptions{})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	links, err := uilink.New("https://ui.example", c.Namespace)
	require.NoError(t, err)
	return estate{views.Source{Connection: c, Links: links}, counted, registry}
}

// registryOf is a registry of integrations that do nothing.
func registryOf(t *testing.T, names ...string) *reconcile.Registry {
	t.Helper()
	family := reconcile.Family{Name: "test"}
	for _, name := range names {
		family.Integrations = append(family.Integrations, reconcile.Definition{
			Name: name, Summary: "Does nothing.", Every: time.Hour, Reads: []reconcile.System{reconcile.Quay},
			Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Steps{}, nil },
		})
	}
	registry, err := reconcile.NewRegistry(family)
	require.NoError(t, err)
	return registry
}

// begin starts a workflow and returns when it says what it says.
func (e estate) begin(t *testing.T, kind, id string, in says) client.WorkflowRun {
	t.Helper()
	run, err := e.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, kind, in)
	require.NoError(t, err)
	if !in.Stays {
		err := run.Get(t.Context(), nil)
		require.Equal(t, in.Fails, err != nil, err)
	}
	return run
}

// schedule makes one of ours, which does not fire within a test.
func (e estate) schedule(t *testing.T, id, integration, shard string, options client.ScheduleOptions) client.ScheduleHandle {
	t.Helper()
	options.ID = id
	options.Spec = client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 48 * time.Hour}}}
	if options.Memo == nil {
		options.Memo = map[string]any{"managedBy": "qontract-temporal", "integration": integration, "shard": shard, "digest": "d"}
	}
	if options.Action == nil {
		options.Action = &client.ScheduleWorkflowAction{ID: id, Workflow: workflows.ScheduledType, TaskQueue: queue}
	}
	handle, err := e.ScheduleClient().Create(t.Context(), options)
	require.NoError(t, err)
	return handle
}

// fleet reads until what is read is as it should be: lists lag behind.
func (e estate) fleet(t *testing.T, o views.FleetOptions, until func(*views.Fleet) bool) *views.Fleet {
	t.Helper()
	o.Registry = e.registry
	if o.Integrations == nil {
		o.Integrations = e.registry.All()
	}
	var fleet *views.Fleet
	await(t, func() bool {
		var err error
		fleet, err = e.Fleet(t.Context(), o)
		require.NoError(t, err)
		return until(fleet)
	})
	return fleet
}

// await tries until it is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal("it does not come to be as it should within a minute")
		}
	}
}
