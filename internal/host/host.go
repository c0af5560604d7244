// Package host runs the SDK workers of one process: one for the workflows of each integration that it takes, and
// one for the activities of each external system that these work on.
package host

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Options say what the process takes.
type Options struct {
	Client   client.Client
	Registry *reconcile.Registry
	// Integrations are those whose workflows run here.
	Integrations []reconcile.Definition
	Clients      *clients.Set
	// Searchable says that the server knows the search attributes.
	Searchable bool
	// Drain is how long running steps may take to end after Stop.
	Drain time.Duration
	// FirstRetry replaces the pause before the first retry of a step.
	FirstRetry time.Duration
	// HeartbeatTimeout replaces how long a step may be silent before another worker takes it over.
	HeartbeatTimeout time.Duration
}

// Host is a set of workers.
type Host struct {
	workers []worker.Worker
}

// New wires the workers without starting them. An activity queue is shared by all workers of its system, so each
// of them knows the steps of every integration that uses it, also of those whose workflows run elsewhere.
func New(o Options) (*Host, error) {
	h := &Host{}
	systems := map[reconcile.System]bool{}
	for _, d := range o.Integrations {
		systems[d.System()] = true
		spec := o.spec(d)
		w := worker.New(o.Client, d.Name, worker.Options{LocalActivityWorkerOnly: true, WorkerStopTimeout: o.Drain})
		w.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: d.Name})
		w.RegisterWorkflowWithOptions(spec.Approve, workflow.RegisterOptions{Name: workflows.ApprovalType})
		h.workers = append(h.workers, w)
	}
	steps := activities.Host{
		Bundles: o.Clients.AppInterface(), Approvals: activities.Approvals{Temporal: o.Client}, Searchable: o.Searchable,
	}
	for system := range systems {
		w := worker.New(o.Client, system.Queue(), worker.Options{
			DisableWorkflowWorker:            true,
			DisableRegistrationAliasing:      true,
			TaskQueueActivitiesPerSecond:     system.ActivitiesPerSecond(),
			WorkerStopTimeout:                o.Drain,
			MaxHeartbeatThrottleInterval:     time.Second,
			DefaultHeartbeatThrottleInterval: time.Second,
			Interceptors:                     []interceptor.WorkerInterceptor{&activities.Interceptor{Recorder: o.Client}},
		})
		for _, d := range o.Registry.All() {
			if d.System() != system {
				continue
			}
			built, err := d.Build(o.Clients)
			if err != nil {
				return nil, fmt.Errorf("integration %s: %w", d.Name, err)
			}
			steps.Register(w, d, built)
		}
		h.workers = append(h.workers, w)
	}
	return h, nil
}

// spec is what the generic workflow needs to know of the definition.
func (o Options) spec(d reconcile.Definition) workflows.Spec {
	return workflows.Spec{
		Name:             d.Name,
		ActivityQueue:    d.System().Queue(),
		Profile:          d.Profile,
		Validates:        d.Class() == reconcile.ClassValidator,
		FirstRetry:       o.FirstRetry,
		HeartbeatTimeout: o.HeartbeatTimeout,
	}
}

// Start begins to poll. When one worker cannot, those that could are stopped again.
func (h *Host) Start() error {
	for i, w := range h.workers {
		if err := w.Start(); err != nil {
			(&Host{workers: h.workers[:i]}).Stop()
			return fmt.Errorf("start a worker: %w", err)
		}
	}
	return nil
}

// Stop ends polling at once and waits for running steps, at most as long as Options.Drain. What did not end by
// then is tried again elsewhere.
func (h *Host) Stop() {
	done := make(chan struct{}, len(h.workers))
	for _, w := range h.workers {
		go func() {
			w.Stop()
			done <- struct{}{}
		}()
	}
	for range h.workers {
		<-done
	}
}
