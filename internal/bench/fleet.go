package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/integrations/appinterface/integrationsmanager"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	// fleetEvery is the interval of every schedule.
	fleetEvery = time.Minute
	// sampleEvery is the pause between two looks at the worker.
	sampleEvery = 5 * time.Second
	// warmUp is left out of the comparison: caches fill, and the sample estate is brought into order.
	warmUp = 2 * time.Minute
	// mostGrowth is how much the second half of the time may take beside the first.
	mostGrowth = 1.1
)

// fleetEachMinute has one worker run all integrations by their schedules, once a minute each, on the sample estate.
func fleetEachMinute(ctx context.Context, b *bench) (err error) {
	registry, err := reconcile.NewRegistry(integrations.All()...)
	if err != nil {
		return err
	}
	site, err := b.openSite(ctx, registry)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.stop()) }()
	worker, err := site.startWorker(ctx, b)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, worker.Stop()) }()
	if err := site.schedule(ctx, registry); err != nil {
		return err
	}
	samples, err := watchWorker(ctx, worker, b.fleetFor)
	if err != nil {
		return err
	}
	fired, err := site.fired(ctx)
	if err != nil {
		return err
	}
	b.table.addFleet(samples, fired, len(registry.All()))
	return nil
}

// site is the sample estate with everything that a worker needs, but for the worker.
type site struct {
	temporal   *servers.Temporal
	connection *connect.Connection
	live       *rehearse.Live
	stops      []func() error
}

func (s *site) stop() error {
	var errs []error
	for _, stop := range slices.Backward(s.stops) {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

func (b *bench) openSite(ctx context.Context, registry *reconcile.Registry) (_ *site, err error) {
	s := &site{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if s.temporal, err = servers.StartTemporal(starting, servers.TemporalOptions{}); err != nil {
		return nil, err
	}
	s.stops = append(s.stops, s.temporal.Stop)
	kube, err := servers.StartKube(starting, servers.KubeOptions{})
	if err != nil {
		return nil, err
	}
	s.stops = append(s.stops, kube.Stop)
	if s.connection, err = dial(ctx, s.temporal, b.store()); err != nil {
		return nil, err
	}
	s.stops = append(s.stops, func() error { s.connection.Close(); return nil })
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: s.connection.Client, Converter: s.connection.Payloads.Converter, Registry: registry,
		Kube:   func(context.Context) (*servers.Kube, error) { return kube, nil },
		Vaults: func(context.Context) ([]*servers.Vault, error) { return nil, servers.ErrNotInstalled }, VaultStandIn: true,
	})
	if err != nil {
		return nil, err
	}
	s.stops = append(s.stops, func() error { stage.Close(); return nil })
	if s.live, err = stage.Open(ctx, "deploy/sample"); err != nil {
		return nil, err
	}
	s.stops = append(s.stops, s.live.Close)
	return s, nil
}

// startWorker builds a worker for all integrations and starts it.
func (s *site) startWorker(ctx context.Context, b *bench) (*servers.Child, error) {
	binary, err := b.buildWorker(ctx)
	if err != nil {
		return nil, err
	}
	config, env := s.live.Worker()
	return servers.StartChild(binary, map[string]string{"config.toml": config}, env,
		"--config", "config.toml", "--listen", "127.0.0.1:0", "--log-level", "ERROR", "--address", s.temporal.HostPort, "--payload-store", b.store().Store)
}

// schedule has every integration run each minute, by the schedules that starter would make.
func (s *site) schedule(ctx context.Context, registry *reconcile.Registry) error {
	local, data := fleet.Local{}, fleet.Data{}
	dry := true
	for _, name := range registry.Names() {
		override := fleet.LocalOverride{Timing: &fleet.Timing{Every: fleetEvery}}
		if name == integrationsmanager.Name {
			// It would make the schedules what the sample estate says.
			override.DryRun = &dry
		}
		local[name] = override
		data.Integrations = append(data.Integrations, fleet.Integration{Name: name})
	}
	for _, wanted := range fleet.New(data, fleet.Options{Registry: registry, Local: local}).Schedules {
		change := fleet.Change{Action: plan.Create, ID: wanted.ID, Want: wanted}
		if err := change.Apply(readonly.Grant(ctx), s.schedules()); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) schedules() *temporalapi.Client {
	return temporalapi.New(temporalapi.Config{
		Service: s.connection.WorkflowService(), Namespace: s.temporal.Namespace, Identity: "bench", Converter: s.connection.Payloads.Converter,
	})
}

// fired counts what the schedules have started.
func (s *site) fired(ctx context.Context) (fires, error) {
	all, err := s.schedules().ListSchedules(ctx)
	if err != nil {
		return fires{}, err
	}
	f := fires{}
	for _, one := range all {
		f.started, f.overlapped, f.missed = f.started+one.Starts, f.overlapped+one.Skipped, f.missed+one.Missed
	}
	for _, status := range []string{"Completed", "Failed", "TimedOut"} {
		count, err := s.connection.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = '%s'", workflows.ScheduledType, status),
		})
		if err != nil {
			return fires{}, err
		}
		f.ended = append(f.ended, ending{strings.ToLower(status), count.GetCount()})
	}
	return f, nil
}

// sample is what the worker had taken at a time since the beginning.
type sample struct {
	at     time.Duration
	memory int64
	cpu    time.Duration
}

// watchWorker looks at the worker for a while. It fails when the worker ends, or where the system does not say what a process takes.
func watchWorker(ctx context.Context, worker *servers.Child, total time.Duration) ([]sample, error) {
	began := time.Now()
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	var samples []sample
	for time.Since(began) < total {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
		if err := worker.Err(); err != nil {
			return nil, err
		}
		taken, err := take(worker.PID())
		if err != nil {
			return nil, err
		}
		taken.at = time.Since(began)
		samples = append(samples, taken)
	}
	return samples, nil
}

// take reads what a process has, from /proc.
func take(pid int) (sample, error) {
	var kib int64
	if _, err := fmt.Sscanf(field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS"), "%d kB", &kib); err != nil {
		return sample{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return sample{}, err
	}
	var user, system int64
	// The name of the program stands in brackets; user and system time are the 12th and 13th fields behind it, in
	// hundredths of a second.
	_, fields, _ := strings.Cut(string(text), ") ")
	if _, err := fmt.Sscanf(strings.Join(strings.Fields(fields)[11:13], " "), "%d %d", &user, &system); err != nil && !errors.Is(err, io.EOF) {
		return sample{}, fmt.Errorf("read the time of process %d: %w", pid, err)
	}
	return sample{memory: kib << 10, cpu: time.Duration(user+system) * 10 * time.Millisecond}, nil
}
