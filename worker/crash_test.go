package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	workerCrashes   = 20
	temporalCrashes = 5
	// crashableCalls are those of the calls of a run that may trigger a crash: a few are left, so that the last crash is
	// sure to come before the end.
	crashableCalls = changeCount - 20
	// patience bounds one run with all its crashes.
	patience = 5 * time.Minute
)

// TestARunSurvivesCrashes lets runs of 200 changes crash, with the servers' own records as witnesses. QT_CRASH_ROUNDS
// repeats it with other points; QT_SEED repeats the points of a run that failed.
func TestARunSurvivesCrashes(t *testing.T) {
	rounds, seed := number(t, "QT_CRASH_ROUNDS", 1), number(t, "QT_SEED", rand.Uint64N(1<<32))
	for round := range rounds {
		seed := seed + round
		t.Run(fmt.Sprintf("QT_SEED=%d", seed), func(t *testing.T) {
			auditLog := filepath.Join(t.TempDir(), "audit.log")
			kube := serverstest.OwnKube(t, servers.KubeOptions{AuditLog: auditLog})
			for i, crash := range []struct {
				name string
				test func(*testing.T, *servers.Kube, string, *rand.Rand)
			}{
				{"of the worker", crashWorkers},
				{"of the Temporal server", crashTemporal},
				{"of one worker with the timeouts of production", crashOnce},
				{"and draining repeats nothing", drain},
			} {
				t.Run(crash.name, func(t *testing.T) {
					t.Parallel()
					crash.test(t, kube, auditLog, rand.New(rand.NewPCG(seed, uint64(i))))
				})
			}
		})
	}
}

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return n
}

// crashWorkers kills the worker at twenty points of a run.
func crashWorkers(t *testing.T, kube *servers.Kube, auditLog string, rng *rand.Rand) {
	w := newTripwire(rng, newSpread(rng, workerCrashes, crashableCalls, before, unanswered, later))
	e := newEstate(t, kube, "workers", w, 100*time.Millisecond)
	temporal := serverstest.OwnTemporal(t)
	workers := newProcesses(t, e.workplace(temporal.HostPort), asHasty)
	c := e.dial(t, temporal.HostPort)
	w.stop = func() error { return errors.Join(e.watch.Namespace(t.Context(), c), workers.kill()) }
	w.start = workers.start

	took := e.runToTheEnd(t, temporal.HostPort, w, nil)
	e.requireOnce(t, auditLog, took, w)
}

// crashTemporal kills the Temporal server at five points of a run, and starts it again on its database.
func crashTemporal(t *testing.T, kube *servers.Kube, auditLog string, rng *rand.Rand) {
	// The worker goes on while Temporal is away, so it must not be done before the last crash.
	slow := plan.Args{"thread-pool-size": {"2"}}
	w := newTripwire(rng, newSpread(rng, temporalCrashes, crashableCalls, later))
	e := newEstate(t, kube, "temporal", w, 100*time.Millisecond)
	options := servers.TemporalOptions{Database: filepath.Join(t.TempDir(), "temporal.db")}
	temporal, err := servers.StartTemporal(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, temporal.Stop()) })
	_, port, err := net.SplitHostPort(temporal.HostPort)
	require.NoError(t, err)
	options.Port, err = strconv.Atoi(port)
	require.NoError(t, err)
	newProcesses(t, e.workplace(temporal.HostPort), asHasty)
	w.stop = func() error { return temporal.Kill() }
	w.start = func() error {
		restarted, err := servers.StartTemporal(t.Context(), options)
		if err == nil {
			temporal = restarted
		}
		return err
	}

	took := e.runToTheEnd(t, temporal.HostPort, w, slow)
	e.requireOnce(t, auditLog, took, w)
}

// crashOnce kills a worker as main starts it, to see how long a step waits for another one.
func crashOnce(t *testing.T, kube *servers.Kube, auditLog string, rng *rand.Rand) {
	w := newTripwire(rng, newSpread(rng, 1, crashableCalls, before, unanswered, later))
	e := newEstate(t, kube, "once", w, 100*time.Millisecond)
	temporal := serverstest.OwnTemporal(t)
	workers := newProcesses(t, e.workplace(temporal.HostPort), asMain, e.flags()...)
	c := e.dial(t, temporal.HostPort)
	w.stop = func() error { return errors.Join(e.watch.Namespace(t.Context(), c), workers.kill()) }
	w.start = workers.start

	took := e.runToTheEnd(t, temporal.HostPort, w, nil)
	e.requireOnce(t, auditLog, took, w)
}

// drain stops the worker with SIGTERM at five points of a run. It ends in order, and no change is carried out twice.
func drain(t *testing.T, kube *servers.Kube, auditLog string, rng *rand.Rand) {
	w := newTripwire(rng, newSpread(rng, 5, crashableCalls, later))
	e := newEstate(t, kube, "drain", w, 100*time.Millisecond)
	temporal := serverstest.OwnTemporal(t)
	workers := newProcesses(t, e.workplace(temporal.HostPort), asMain, e.flags()...)
	w.stop = func() error {
		if err := workers.end(syscall.SIGTERM); err != nil {
			return fmt.Errorf("the worker did not end in order: %w", err)
		}
		return nil
	}
	w.start = workers.start

	took := e.runToTheEnd(t, temporal.HostPort, w, nil)
	e.requireOnce(t, auditLog, took, w)
	for key, seen := range e.recorded(t, auditLog) {
		require.Equal(t, writes{created: 1}, seen, key)
	}
}

// runToTheEnd runs the integration while it crashes, and requires that the run succeeds with all changes. It returns how
// long that took.
func (e *estate) runToTheEnd(t *testing.T, address string, w *tripwire, args plan.Args) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("the run did not end in time"))
	defer cancel()
	began := time.Now()
	started, err := e.dial(t, address).ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: resourcequotas.Name, TaskQueue: resourcequotas.Name}, resourcequotas.Name, workflows.Input{Args: args})
	require.NoError(t, err)
	select {
	case <-w.done:
	case <-ctx.Done():
		require.NoError(t, context.Cause(ctx), "before the last crash")
	}
	_, err = w.outcome()
	require.NoError(t, err)
	// A connection of its own, since the server may be another one.
	c := e.dial(t, address)
	result := workflows.Result{}
	require.NoError(t, c.GetWorkflow(ctx, started.GetID(), started.GetRunID()).Get(ctx, &result))
	took := time.Since(began)

	require.Equal(t, workflows.Success, result.Outcome)
	require.Empty(t, result.Errors)
	require.Len(t, result.Changes, changeCount)
	for _, change := range result.Changes {
		require.Equal(t, workflows.Success, change.Outcome, change.Key)
	}
	requireNoFailedRun(t, c)
	return took
}

// requireNoFailedRun requires that there were two workflows, the run and its scope, and both completed.
func requireNoFailedRun(t *testing.T, c client.Client) {
	t.Helper()
	var ended []enums.WorkflowExecutionStatus
	require.Eventually(t, func() bool {
		answer, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "ExecutionStatus != 'Running'"})
		ended = nil
		for _, execution := range answer.GetExecutions() {
			ended = append(ended, execution.GetStatus())
		}
		return err == nil && len(ended) >= 2
	}, 20*time.Second, 100*time.Millisecond)
	const completed = enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	require.Equal(t, []enums.WorkflowExecutionStatus{completed, completed}, ended)
}

// dial opens a connection under the estate's watch.
func (e *estate) dial(t *testing.T, address string) *connect.Connection {
	t.Helper()
	return e.watch.Connect(t, connect.Options{Address: address})
}

// requireOnce requires that every quota is there and that none was created twice or ever deleted.
func (e *estate) requireOnce(t *testing.T, auditLog string, took time.Duration, w *tripwire) {
	t.Helper()
	e.requireComplete(t)
	recorded := e.recorded(t, auditLog)
	require.LessOrEqual(t, len(recorded), changeCount)
	repeated, unrecorded := 0, changeCount
	for key, seen := range recorded {
		require.LessOrEqual(t, seen.created, 1, "%s was created more than once", key)
		require.Zero(t, seen.deleted, "%s was deleted", key)
		repeated += seen.changed
		unrecorded -= seen.created
	}
	recoveries, err := w.outcome()
	require.NoError(t, err)
	t.Logf("%d changes in %s; back at work after %s; %d applied again without effect, %d created by a call whose caller was gone",
		changeCount, took.Round(time.Second/10), quartiles(recoveries), repeated, unrecorded)
}

// quartiles are the shortest, the median and the longest of sorted durations, as text.
func quartiles(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return "no time"
	}
	text := func(d time.Duration) string { return d.Round(time.Second / 100).String() }
	return fmt.Sprintf("%s to %s, %s at the median", text(sorted[0]), text(sorted[len(sorted)-1]), text(sorted[len(sorted)/2]))
}
