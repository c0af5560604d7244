package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/versions"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	// runsUnderWay are in the middle of their first write when the other build comes.
	runsUnderWay = 50
	// runsAfterwards begin after it was promoted.
	runsAfterwards = 5
)

// TestARollingUpdateLosesAndRepeatsNothing lets a build of the worker take over from another one, as a rolling update does,
// while runs and long-running scopes are under way.
func TestARollingUpdateLosesAndRepeatsNothing(t *testing.T) {
	temporal := serverstest.OwnTemporalWith(t, servers.TemporalOptions{DynamicConfig: map[string]string{
		"matching.wv.VersionDrainageStatusVisibilityGracePeriod": `"1s"`,
		"matching.wv.VersionDrainageStatusRefreshInterval":       `"1s"`,
	}})
	r := rolling{shop: newShop(t), watch: leaktest.New(t)}
	c := r.watch.Connect(t, connect.Options{Address: temporal.HostPort})
	r.client, r.builds = c, versions.Of(c.Client, c.Namespace, "shop")
	config := configurationOf(t, orders, deliveries)
	work := func(build string) *processes {
		return newProcesses(t, workplace{
			temporal: temporal.HostPort, config: config, watch: r.watch, env: []string{envBuild + "=" + build, envShop + "=" + r.shop.url},
		}, asBuild)
	}

	outgoing := work("old")
	r.promote(t, "old")
	var underWay []client.WorkflowRun
	for i := range runsUnderWay {
		underWay = append(underWay, r.order(t, fmt.Sprintf("order-%02d", i)))
	}
	require.Equal(t, workflows.Waiting, r.deliveries(t).Outcome)
	require.Eventually(t, func() bool { return len(r.shop.of(r.shop.arrived)) == runsUnderWay }, patience, 20*time.Millisecond)
	require.Equal(t, []string{"old"}, r.trucks(t))

	incoming := work("new")
	r.promote(t, "new")
	require.Eventually(t, func() bool {
		return maps.Equal(r.states(t), map[string]versions.State{"old": versions.Draining, "new": versions.Current})
	}, patience, 20*time.Millisecond)
	var afterwards []client.WorkflowRun
	for i := range runsAfterwards {
		afterwards = append(afterwards, r.order(t, fmt.Sprintf("later-%02d", i)))
	}
	before := r.shop.of(r.shop.looks)
	require.Equal(t, workflows.Waiting, r.deliveries(t).Outcome)
	require.Equal(t, []string{"new"}, r.trucks(t), "what is long goes on with the new build")
	close(r.shop.open)
	for _, run := range underWay {
		r.requireComplete(t, run, "old")
	}
	for _, run := range afterwards {
		r.requireComplete(t, run, "new")
	}
	require.Eventually(t, func() bool { return r.states(t)["old"] == versions.Drained }, patience, 100*time.Millisecond)
	require.NoError(t, outgoing.end(syscall.SIGTERM), "it ends in order")

	r.shop.deliver()
	require.Contains(t, []workflows.Outcome{workflows.Success, workflows.Clean}, r.deliveries(t).Outcome)
	for truck, looks := range r.shop.of(r.shop.looks) {
		since := looks[len(before[truck]):]
		require.Contains(t, since, "new")
		require.NotContains(t, since[1:], "old", "a look that was under way is the last one of the old build")
	}
	written := r.shop.of(r.shop.written)
	require.Len(t, written, lines*(runsUnderWay+runsAfterwards)+trucks)
	for key, builds := range written {
		require.Len(t, builds, 1, "%s is written once", key)
	}
	require.NoError(t, incoming.end(syscall.SIGTERM))
}

// rolling is a rolling update.
type rolling struct {
	shop   *shop
	watch  *leaktest.Watch
	client *connect.Connection
	builds *versions.Deployment
}

func (r *rolling) promote(t *testing.T, build string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, r.builds.Promote(ctx, versions.Promotion{BuildID: build, Percentage: 100}))
}

func (r *rolling) states(t *testing.T) map[string]versions.State {
	t.Helper()
	all, err := r.builds.List(t.Context())
	require.NoError(t, err)
	states := map[string]versions.State{}
	for _, v := range all {
		states[v.BuildID] = v.State
	}
	return states
}

func (r *rolling) order(t *testing.T, order string) client.WorkflowRun {
	t.Helper()
	run, err := r.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: orders + "/" + order, TaskQueue: orders}, orders,
		workflows.Input{Args: plan.Args{"order": {order}}})
	require.NoError(t, err)
	return run
}

// requireComplete requires that the run did all that was to be done, all of it by one build.
func (r *rolling) requireComplete(t *testing.T, run client.WorkflowRun, build string) {
	t.Helper()
	result := workflows.Result{}
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, workflows.Success, result.Outcome)
	require.Len(t, result.Changes, lines)
	written := r.shop.of(r.shop.written)
	for _, change := range result.Changes {
		require.Equal(t, []string{build}, written[change.Key], change.Key)
	}
	require.Equal(t, build, r.buildOf(t, run.GetID()))
}

// deliveries runs the long-running integration.
func (r *rolling) deliveries(t *testing.T) workflows.Result {
	t.Helper()
	run, err := r.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: deliveries, TaskQueue: deliveries}, deliveries, workflows.Input{})
	require.NoError(t, err)
	result := workflows.Result{}
	require.NoError(t, run.Get(t.Context(), &result))
	return result
}

// trucks returns the builds that the workflows of the long-running scopes are with.
func (r *rolling) trucks(t *testing.T) []string {
	t.Helper()
	var builds []string
	for truck := range trucks {
		builds = append(builds, r.buildOf(t, workflows.RunID(deliveries, fmt.Sprintf("truck-%d", truck))))
	}
	slices.Sort(builds)
	return slices.Compact(builds)
}

// buildOf returns the build that carried out the latest task of a workflow.
func (r *rolling) buildOf(t *testing.T, id string) string {
	t.Helper()
	described, err := r.client.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	return described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
}
