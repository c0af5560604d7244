package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations/aws/accountmanager"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// lanes is how many runs go side by side. Each spends most of its time waiting for a timeout of Temporal's.
const lanes = 5

// TestAnAccountIsMadeOnceThroughCrashes makes an account, and sets another one up, once without a crash. Then
// it does so again for each call that wrote, and for each report that an attempt at a step is over. There the worker is
// killed before the call arrives; and when the next worker makes the call again, that one is killed after its effect and
// before the answer.
func TestAnAccountIsMadeOnceThroughCrashes(t *testing.T) {
	var all [lanes]*lane
	for i := range all {
		all[i] = newLane(t, serverstest.OwnTemporal(t).HostPort)
	}
	calm := newExactly()
	want := all[0].run(t, "payer-calm", calm)
	points := firstAndLast(calm.calls)
	requireEveryStep(t, points)

	type crash struct {
		payer string
		at    point
	}
	crashes := make(chan crash, len(points))
	for i, at := range points {
		crashes <- crash{fmt.Sprintf("payer-%d", i), at}
	}
	close(crashes)
	var running sync.WaitGroup
	for _, l := range all {
		running.Go(func() {
			for next := range crashes {
				name, n := next.at.name, next.at.n
				t.Run(fmt.Sprintf("%s %d", name, n), func(t *testing.T) {
					is := l.run(t, next.payer, newExactly(point{name, n, before}, point{name, n + 1, unanswered}))
					require.Equal(t, want.state, is.state)
					require.Equal(t, want.aws, is.aws)
					require.Equal(t, want.gitlab, is.gitlab)
				})
			}
		})
	}
	running.Wait()
}

// firstAndLast leaves out the calls in between that are repeated while something is waited for.
func firstAndLast(calls []point) []point {
	last := map[string]int{}
	for _, call := range calls {
		last[call.name] = call.n
	}
	return slices.DeleteFunc(slices.Clone(calls), func(call point) bool { return call.n != 1 && call.n != last[call.name] })
}

// requireEveryStep requires that the points are at the end of each step, and at all that cannot be made twice.
func requireEveryStep(t *testing.T, points []point) {
	t.Helper()
	var names []string
	for _, p := range points {
		names = append(names, p.name)
	}
	for task, account := range steps {
		require.Contains(t, names, workflows.StepAdvance+" "+account+" "+task)
	}
	require.Subset(t, names, []string{
		"organizations.CreateAccount", "iam.CreateUser", "iam.CreateAccessKey", "vault: PUT config", "support.CreateCase",
		"servicequotas.RequestServiceQuotaIncrease", "gitlab: POST commits", "gitlab: POST merge_requests",
	})
}

// lane is a Temporal server on which runs follow each other.
type lane struct {
	temporal string
	watch    *leaktest.Watch
	client   *connect.Connection
}

func newLane(t *testing.T, temporal string) *lane {
	t.Helper()
	l := &lane{temporal: temporal, watch: leaktest.New(t)}
	l.client = l.watch.Connect(t, connect.Options{Address: temporal})
	return l
}

// run makes the account in a world of its own, with a payer account of a name of its own, while the worker crashes.
func (l *lane) run(t *testing.T, payer string, crashes *exactly) end {
	t.Helper()
	crashing := crashes.left() > 0
	w := newTripwire(rand.New(rand.NewPCG(1, 1)), crashes)
	world := newAccountWorld(t, payer, serverstest.Vault(t), w)
	workers := newProcesses(t, world.workplace(newFront(t, l.temporal, l.watch, w), l.watch), asHasty)
	w.stop, w.start = workers.kill, workers.start

	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("the run did not end in time"))
	defer cancel()
	started, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: accountmanager.Name, TaskQueue: accountmanager.Name}, accountmanager.Name, workflows.Input{})
	require.NoError(t, err)
	scopes := []string{workflows.RunID(accountmanager.Name, payer+"/acme"), workflows.RunID(accountmanager.Name, payer+"/member")}
	t.Cleanup(func() { l.end(t, append(scopes, accountmanager.Name)) })
	result := workflows.Result{}
	require.NoError(t, started.Get(ctx, &result))
	require.Equal(t, workflows.Success, result.Outcome, result.Changes)
	for _, id := range scopes {
		require.NoError(t, l.client.GetWorkflow(ctx, id, "").Get(ctx, nil), id)
	}
	if crashing {
		require.Zero(t, w.left(), "the run has ended without its crashes")
		<-w.done
		_, err := w.outcome()
		require.NoError(t, err)
	}
	require.NoError(t, workers.kill())
	is := world.end(t, result)
	world.requireComplete(t, is)
	return is
}

// end leaves no workflow behind to the next world of the lane.
func (l *lane) end(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		var ended *serviceerror.NotFound
		if err := l.client.TerminateWorkflow(context.Background(), id, "", "the test has failed"); err != nil && !errors.As(err, &ended) {
			t.Error(err)
		}
	}
}
