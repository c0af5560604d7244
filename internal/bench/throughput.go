package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing/fstest"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	smallName = "bench-small"
	bareName  = "bench-bare"
	// runsAtOnce are under way side by side.
	runsAtOnce = 10
	runsEach   = 200
)

// small is an integration that finds all as it should be, at no cost of its own.
type small struct{}

type widget struct {
	Name string `json:"name"`
}

func (w widget) Key() string             { return w.Name }
func (w widget) Equal(other widget) bool { return w == other }

func (small) Desired(context.Context, reconcile.Scope) ([]widget, error) {
	all := make([]widget, 10)
	for i := range all {
		all[i].Name = fmt.Sprintf("widget-%d", i)
	}
	return all, nil
}

func (small) Current(_ context.Context, _ reconcile.Scope, desired []widget) ([]widget, error) {
	return desired, nil
}

func (small) Apply(context.Context, reconcile.Scope, plan.Change[widget]) error {
	return errors.New("nothing is to be applied")
}

// throughput counts runs that have nothing to do, against a workflow that calls as many activities and knows nothing.
func throughput(ctx context.Context, b *bench) (err error) {
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	temporal, err := servers.StartTemporal(starting, servers.TemporalOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temporal.Stop()) }()
	c, err := dial(ctx, temporal, b.store())
	if err != nil {
		return err
	}
	defer c.Close()
	h, err := smallHost(ctx, c.Client)
	if err != nil {
		return err
	}
	if err := h.Start(); err != nil {
		return err
	}
	defer h.Stop()
	calls, err := activitiesOf(ctx, c.Client)
	if err != nil {
		return err
	}
	bare := bareWorker(c.Client, calls)
	if err := bare.Start(); err != nil {
		return err
	}
	defer bare.Stop()

	// The first rounds warm both sides.
	var ours, others []float64
	err = b.profiled("runs-per-second", func() error {
		for round := range 4 {
			our, err := runsPerSecond(ctx, c.Client, smallName)
			if err != nil {
				return err
			}
			other, err := runsPerSecond(ctx, c.Client, bareName)
			if err != nil {
				return err
			}
			if round > 0 {
				ours, others = append(ours, our), append(others, other)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	our, other := median(ours), median(others)
	b.table.add(figure{
		what: "runs with nothing to do, ten at a time", ours: fmt.Sprintf("%.1f/s", our),
		versus: fmt.Sprintf("bare workflow with %d activities", calls), other: fmt.Sprintf("%.1f/s", other), value: our / other, aim: atLeast(0.8),
		why: "a run also starts a timer, sets search attributes and details, and keeps its plan, which the bare workflow does not",
	})
	return nil
}

func smallHost(ctx context.Context, c client.Client) (*host.Host, error) {
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "bench", Integrations: []reconcile.Definition{{
		Name: smallName, Summary: "Finds all as it should be.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Kubernetes}, Writes: []reconcile.System{reconcile.Kubernetes},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(small{}), nil },
	}}})
	if err != nil {
		return nil, err
	}
	app, err := smallAppInterface(ctx)
	if err != nil {
		return nil, err
	}
	return host.New(host.Options{Client: c, Registry: registry, Integrations: registry.All(), Clients: clients.New(app, configfile.New(config.Tables{})), Searchable: true})
}

// smallAppInterface knows the integration and nothing else. It ends with ctx.
func smallAppInterface(ctx context.Context) (*appinterface.Client, error) {
	app, err := server.New(server.Options{})
	if err != nil {
		return nil, err
	}
	bundle, err := server.ReadFolder(fstest.MapFS{"data/integration.yml": {Data: []byte(
		"$schema: /app-sre/integration-1.yml\nname: " + smallName + "\ndescription: d\nschemas: [/app-sre/integration-1.yml]\n")}},
		server.FolderOptions{Schema: embedded.Schema})
	if err != nil {
		return nil, err
	}
	app.Load(bundle)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	serving := &http.Server{Handler: app.Handler(), ReadHeaderTimeout: startTimeout}
	go func() { _ = serving.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = serving.Close() })
	return appinterface.New(appinterface.Config{URL: "http://" + listener.Addr().String() + "/graphql"})
}

// activitiesOf runs the integration once and counts the activities that it called.
func activitiesOf(ctx context.Context, c client.Client) (int, error) {
	started, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: smallName}, smallName, workflows.Input{})
	if err != nil {
		return 0, err
	}
	if err := started.Get(ctx, nil); err != nil {
		return 0, err
	}
	calls := 0
	events := c.GetWorkflowHistory(ctx, started.GetID(), started.GetRunID(), false, 0)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return 0, err
		}
		if event.GetActivityTaskScheduledEventAttributes() != nil {
			calls++
		}
	}
	return calls, nil
}

// bareWorker runs a workflow that calls an empty activity so many times.
func bareWorker(c client.Client, calls int) worker.Worker {
	w := worker.New(c, bareName, worker.Options{})
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: bareName + "/step"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		for range calls {
			if err := workflow.ExecuteActivity(ctx, bareName+"/step").Get(ctx, nil); err != nil {
				return err
			}
		}
		return nil
	}, workflow.RegisterOptions{Name: bareName})
	return w
}

// runsPerSecond runs a workflow many times.
func runsPerSecond(ctx context.Context, c client.Client, name string) (float64, error) {
	var args []any
	if name == smallName {
		args = []any{workflows.Input{}}
	}
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runsAtOnce)
	for range runsEach {
		group.Go(func() error {
			started, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: name}, name, args...)
			if err != nil {
				return err
			}
			return started.Get(ctx, nil)
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	return runsEach / time.Since(began).Seconds(), nil
}
