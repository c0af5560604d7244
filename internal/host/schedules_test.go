package host_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

// schedulePatience is how long a test waits for what a schedule does; the machine may be busy.
const schedulePatience = 60 * time.Second

// schedule makes the schedule of the integration and returns its client.
func (i installation) schedule(t *testing.T, every time.Duration, change ...func(*fleet.Schedule)) *temporalapi.Client {
	t.Helper()
	s := fleet.Schedule{ID: name, Integration: name, Timing: fleet.Timing{Every: every}, CatchUp: 10 * time.Minute, Queue: name}
	for _, set := range change {
		set(&s)
	}
	made, err := s.Temporal()
	require.NoError(t, err)
	c := temporalapi.New(temporalapi.Config{Service: i.WorkflowService(), Namespace: i.Namespace, Converter: i.Payloads.Converter})
	require.NoError(t, c.CreateSchedule(readonly.Grant(t.Context()), made))
	is, err := c.GetSchedule(t.Context(), name)
	require.NoError(t, err)
	require.Empty(t, s.Differences(fleet.FromTemporal(*is)), "a schedule is read as it was made")
	return c
}

// live is what the schedule looks like by now.
func live(t *testing.T, c *temporalapi.Client) *temporalapi.Live {
	t.Helper()
	is, err := c.GetSchedule(t.Context(), name)
	require.NoError(t, err)
	return is
}

// gauge counts the runs, and those side by side.
type gauge struct{ running, most, runs atomic.Int32 }

func (g *gauge) enter() {
	g.runs.Add(1)
	if now := g.running.Add(1); now > g.most.Load() {
		g.most.Store(now)
	}
}

func (g *gauge) leave() { g.running.Add(-1) }

func TestScheduledRunsFireAndNeverOverlap(t *testing.T) {
	var g gauge
	release := make(chan struct{})
	installed := install(t, &widgets{desires: func(ctx context.Context) error {
		g.enter()
		defer g.leave()
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}, "")
	c := installed.schedule(t, time.Second)
	require.Eventually(t, func() bool { return live(t, c).Skipped >= 3 }, schedulePatience, 50*time.Millisecond)
	require.EqualValues(t, 1, g.runs.Load())
	require.EqualValues(t, 1, live(t, c).Starts)
	close(release)
	require.Eventually(t, func() bool { return g.runs.Load() >= 4 }, schedulePatience, 50*time.Millisecond)
	require.EqualValues(t, 1, g.most.Load())
}

func TestAScheduledRunIsSkippedWhileAManualOneIsUnderWay(t *testing.T) {
	under, release := make(chan struct{}, 1), make(chan struct{})
	installed := install(t, &widgets{desires: func(context.Context) error {
		under <- struct{}{}
		<-release
		return nil
	}}, "")
	manual, err := installed.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name}, name, workflows.Input{})
	require.NoError(t, err)
	<-under
	c := installed.schedule(t, 240*time.Hour)
	require.NoError(t, c.TriggerSchedule(readonly.Grant(t.Context()), name))
	result, err := installed.started(t, c)
	require.NoError(t, err)
	require.Equal(t, workflows.Skipped, result.Outcome)
	require.Equal(t, "a run is under way already: workflow "+name, result.Reason)
	require.True(t, strings.HasPrefix(result.WorkflowID, "scheduled/"+name+"-"), result.WorkflowID)
	require.Empty(t, under, "the integration ran twice at a time")
	close(release)
	require.NoError(t, manual.Get(t.Context(), nil))
}

func TestAScheduledRunEndsAsTheRunDoes(t *testing.T) {
	r := &widgets{count: 3, refuses: 1}
	installed := install(t, r, "")
	c := installed.schedule(t, 240*time.Hour)
	require.NoError(t, c.TriggerSchedule(readonly.Grant(t.Context()), name))
	_, err := installed.started(t, c)
	failed := workflows.ResultOf(err)
	require.NotNil(t, failed, err)
	require.Equal(t, workflows.Failed, failed.Outcome)
	require.Equal(t, name, failed.WorkflowID)
	require.Len(t, failed.Changes, 3)
}

func TestAScheduledDryRunChangesNothing(t *testing.T) {
	r := &widgets{count: 3, refuses: -1}
	installed := install(t, r, "")
	c := installed.schedule(t, 240*time.Hour, func(s *fleet.Schedule) { s.DryRun = true })
	require.NoError(t, c.TriggerSchedule(readonly.Grant(t.Context()), name))
	result, err := installed.started(t, c)
	require.NoError(t, err)
	require.Equal(t, workflows.Planned, result.Outcome)
	require.Equal(t, name+"/dry-run", result.WorkflowID)
	require.Empty(t, r.made)
}

// started waits for the end of the workflow that the schedule has started.
func (i installation) started(t *testing.T, c *temporalapi.Client) (*workflows.Result, error) {
	t.Helper()
	require.Eventually(t, func() bool { return live(t, c).Started != "" }, schedulePatience, 20*time.Millisecond)
	result := &workflows.Result{}
	ctx, cancel := context.WithTimeout(t.Context(), schedulePatience)
	defer cancel()
	err := i.GetWorkflow(ctx, live(t, c).Started, "").Get(ctx, result)
	return result, err
}

func TestWindowsMissedInAnOutageAreCaughtUpOnce(t *testing.T) {
	const every = 2 * time.Second
	var g gauge
	database, port := filepath.Join(t.TempDir(), "temporal.db"), freePort(t)
	start := func() *servers.Temporal {
		server, err := servers.StartTemporal(t.Context(), servers.TemporalOptions{Database: database, Port: port})
		require.NoError(t, err)
		return server
	}
	server := start()
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	installed := installAt(t, server.HostPort, &widgets{desires: func(context.Context) error {
		g.enter()
		defer g.leave()
		return nil
	}}, "")
	c := installed.schedule(t, every)
	// A run that the outage interrupts would take the place of the one that is caught up.
	require.Eventually(t, func() bool {
		is := live(t, c)
		return is.Starts >= 1 && len(is.Running) == 0
	}, schedulePatience, 50*time.Millisecond)

	require.NoError(t, server.Stop())
	down := time.Now()
	require.Eventually(t, func() bool { return time.Since(down) > 3*every }, schedulePatience, 50*time.Millisecond)
	up := time.Now()
	server = start()

	// The runs of the windows that were missed are those that were due before the server was back.
	caughtUp := func() (n int, later bool) {
		description, err := installed.ScheduleClient().GetHandle(t.Context(), name).Describe(t.Context())
		if err != nil {
			return 0, false
		}
		for _, action := range description.Info.RecentActions {
			if action.ScheduleTime.After(up) {
				later = true
			} else if action.ActualTime.After(up) {
				n++
			}
		}
		return n, later
	}
	require.Eventually(t, func() bool {
		_, later := caughtUp()
		return later
	}, schedulePatience, 50*time.Millisecond)
	n, _ := caughtUp()
	is := live(t, c)
	require.Equal(t, 1, n, is)
	require.Zero(t, is.Missed)
	require.GreaterOrEqual(t, is.Skipped, int64(2), "the other windows of the outage are skipped")
	require.EqualValues(t, 1, g.most.Load())
}

// freePort is one that nobody listens at; the server has to come back at the same.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	address, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok, errors.New("no TCP address"))
	return address.Port
}
