// Package host runs the SDK workers of one process: one for the workflows of each integration that it takes, and
// one for the activities of each external system that these work on.
package host

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/reporting"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Options say what the process takes.
type Options struct {
	Client client.Client
	// Converter is the client's; nil stands for Temporal's own.
	Converter converter.DataConverter
	Registry  *reconcile.Registry
	// Integrations are those whose workflows run here.
	Integrations []reconcile.Definition
	Clients      *clients.Set
	// Version is what Temporal routes by; the zero value stands for workers without versions.
	Version worker.WorkerDeploymentVersion
	// QueueSuffix ends the names of all task queues, for workers with an image of their own.
	QueueSuffix string
	// Searchable says that the server knows the search attributes.
	Searchable bool
	// Drain is how long running steps may take to end after Stop.
	Drain time.Duration
	// FirstRetry replaces the pause before the first retry of a step.
	FirstRetry time.Duration
	// HeartbeatTimeout replaces how long a step may be silent before another worker takes it over.
	HeartbeatTimeout time.Duration
	// ApprovalDeadline replaces how long held changes wait for a person.
	ApprovalDeadline time.Duration
	// Forgetful leaves it unnoticed when a change keeps coming back; in rehearsals each run meets another world.
	Forgetful bool
	// Notices tells people of failures and approvals; the zero value tells nobody.
	Notices activities.Notices
	// Around stands around every step; rehearsals see by it whether one is under way.
	Around interceptor.WorkerInterceptor
	// Measures takes what integrations measure, and Runs what is done; nil takes nothing.
	Measures *metrics.Collector
	Runs     activities.Runs
	// Reports is told of failed runs and panics; nil tells nobody.
	Reports *reporting.Reporter
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
		w := worker.New(o.Client, d.Name+o.QueueSuffix, worker.Options{
			LocalActivityWorkerOnly: true, WorkerStopTimeout: o.Drain, DeploymentOptions: o.deployment(),
			Interceptors: []interceptor.WorkerInterceptor{o.Reports.Interceptor()},
		})
		o.Register(w, d)
		h.workers = append(h.workers, w)
	}
	for system := range systems {
		w := worker.New(o.Client, system.Queue()+o.QueueSuffix, worker.Options{
			DisableWorkflowWorker:            true,
			DisableRegistrationAliasing:      true,
			TaskQueueActivitiesPerSecond:     system.ActivitiesPerSecond(),
			WorkerStopTimeout:                o.Drain,
			MaxHeartbeatThrottleInterval:     time.Second,
			DefaultHeartbeatThrottleInterval: time.Second,
			Interceptors:                     o.Interceptors(o.Client),
			DeploymentOptions:                o.deployment(),
		})
		for _, d := range o.Registry.All() {
			if d.System() != system {
				continue
			}
			if err := o.RegisterSteps(w, d); err != nil {
				return nil, err
			}
		}
		h.workers = append(h.workers, w)
	}
	return h, nil
}

// deployment makes the workers take what belongs to their version. Workflows keep to the version that began them unless
// Register says otherwise.
func (o Options) deployment() worker.DeploymentOptions {
	if o.Version == (worker.WorkerDeploymentVersion{}) {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{
		UseVersioning: true, Version: o.Version, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	}
}

// Register gives the integration's workflows to a worker, or to a replayer. Those that wait for days move on to the
// current version of the workers.
func (o Options) Register(registry worker.WorkflowRegistry, d reconcile.Definition) {
	spec := o.spec(d)
	registry.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: d.Name, VersioningBehavior: workflow.VersioningBehaviorPinned})
	registry.RegisterWorkflowWithOptions(spec.Scheduled, workflow.RegisterOptions{Name: workflows.ScheduledType, VersioningBehavior: workflow.VersioningBehaviorPinned})
	registry.RegisterWorkflowWithOptions(spec.Notify, workflow.RegisterOptions{Name: workflows.NotificationType, VersioningBehavior: workflow.VersioningBehaviorPinned})
	movesOn := func(name string) workflow.RegisterOptions {
		return workflow.RegisterOptions{Name: name, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade}
	}
	registry.RegisterWorkflowWithOptions(spec.Approve, movesOn(workflows.ApprovalType))
	if d.LongRunning || d.Follows {
		registry.RegisterWorkflowWithOptions(spec.Run, movesOn(workflows.ScopeType(d.Name)))
	}
}

// RegisterSteps gives the integration's steps to a worker, or to a test environment.
func (o Options) RegisterSteps(registry worker.ActivityRegistry, d reconcile.Definition) error {
	built, err := d.Build(o.Clients)
	if err != nil {
		return fmt.Errorf("integration %s: %w", d.Name, err)
	}
	if d.LongRunning != (built.Apply == nil && built.Check == nil) || d.LongRunning && built.Shards == nil {
		return fmt.Errorf("integration %s: what is long-running is built by reconcile.LongRun and has shards, and nothing else is", d.Name)
	}
	if d.Follows != (built.Apply != nil && built.Advance != nil) {
		return fmt.Errorf("integration %s: what follows changes is built from a reconcile.Follower, and nothing else is", d.Name)
	}
	if o.Converter == nil {
		o.Converter = converter.GetDefaultDataConverter()
	}
	steps := activities.Host{
		Bundles: o.Clients.AppInterface(), Toggles: o.Clients.Toggles(), Searchable: o.Searchable, Runs: o.Runs,
		Approvals: activities.Approvals{Temporal: o.Client, QueueSuffix: o.QueueSuffix, Converter: o.Converter}, Notices: o.Notices,
	}
	if !o.Forgetful {
		steps.Past = activities.Past{Temporal: o.Client, Converter: o.Converter}
	}
	steps.Register(registry, d, built)
	return nil
}

// Interceptors stand around the steps of a worker. The recorder may be nil.
func (o Options) Interceptors(recorder activities.Recorder) []interceptor.WorkerInterceptor {
	interceptors := []interceptor.WorkerInterceptor{&activities.Interceptor{Recorder: recorder, Measures: o.Measures, Reports: o.Reports}}
	if o.Around != nil {
		interceptors = append([]interceptor.WorkerInterceptor{o.Around}, interceptors...)
	}
	return interceptors
}

// spec is what the generic workflow needs to know of the definition.
func (o Options) spec(d reconcile.Definition) workflows.Spec {
	return workflows.Spec{
		Name:             d.Name,
		ActivityQueue:    d.System().Queue() + o.QueueSuffix,
		Profile:          d.Profile,
		Validates:        d.Class() == reconcile.ClassValidator,
		LongRunning:      d.LongRunning,
		FirstRetry:       o.FirstRetry,
		HeartbeatTimeout: o.HeartbeatTimeout,
		ApprovalDeadline: o.ApprovalDeadline,
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
