package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	deploymentpb "go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/versions"
)

// poll makes a worker of a build ask a queue for work until the test ends.
func poll(t *testing.T, c client.Client, deployment, build, queue string) {
	t.Helper()
	w := worker.New(c, queue, worker.Options{DisableWorkflowWorker: true, DeploymentOptions: worker.DeploymentOptions{
		UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: deployment, BuildID: build},
	}})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
}

func TestVersionsArePromotedFromTheCommandLine(t *testing.T) {
	temporal := serverstest.OwnTemporal(t)
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort})
	const deployment = "command-line"
	of := func(args ...string) answer {
		t.Helper()
		return starter(t, append([]string{"--address", temporal.HostPort, "versions", "--deployment", deployment}, args...)...)
	}
	states := func(a answer) map[string]versions.State {
		t.Helper()
		require.Equal(t, exitSuccess, a.code, a.stderr)
		var all []versions.Version
		require.NoError(t, json.Unmarshal([]byte(a.stdout), &all), a.stdout)
		found := map[string]versions.State{}
		for _, v := range all {
			found[v.BuildID] = v.State
		}
		return found
	}

	a := of("list")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "has a worker with --build-id been started")
	a = of("promote", "one", "--timeout", "300ms")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "waiting for workers of version one")

	poll(t, c.Client, deployment, "one", "versions-quay")
	poll(t, c.Client, deployment, "one", "versions-gone")
	require.Equal(t, map[string]versions.State{"one": versions.Current}, states(of("promote", "one", "-o", "json")))

	poll(t, c.Client, deployment, "two", "versions-quay")
	require.Eventually(t, func() bool { return len(states(of("list", "-o", "json"))) == 2 }, 30*time.Second, 100*time.Millisecond)
	a = of("promote", "two", "--timeout", "5s")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "waiting for workers of version two that take versions-gone\n")
	require.Contains(t, a.stderr, "no worker of version two takes versions-gone: start one, or leave the queues behind")
	require.Equal(t, map[string]versions.State{"one": versions.Current, "two": versions.Inactive}, states(of("list", "-o", "json")), "nothing was promoted")

	a = of("promote", "two", "--without-queue", "versions-gone", "--percentage", "20")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.Contains(t, a.stdout, "ramping, 20 % of new runs")
	require.Equal(t, versions.Current, states(of("promote", "two", "--without-queue", "versions-gone", "-o", "json"))["two"])
	require.Eventually(t, func() bool { return states(of("list", "-o", "json"))["one"] == versions.Draining }, 30*time.Second, 100*time.Millisecond)
	a = of("drained")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.Empty(t, a.stdout)
	require.Equal(t, map[string]versions.State{}, states(of("drained", "-o", "json")))
}

func TestARunThatNobodyTakesSaysWhy(t *testing.T) {
	of := func(build string) *taskqueuepb.PollerInfo {
		mode := enums.WORKER_VERSIONING_MODE_VERSIONED
		if build == "" {
			mode = enums.WORKER_VERSIONING_MODE_UNVERSIONED
		}
		return &taskqueuepb.PollerInfo{DeploymentOptions: &deploymentpb.WorkerDeploymentOptions{BuildId: build, WorkerVersioningMode: mode}}
	}
	routing := func(current, ramping string) *taskqueuepb.TaskQueueVersioningInfo {
		version := func(build string) *deploymentpb.WorkerDeploymentVersion {
			if build == "" {
				return nil
			}
			return &deploymentpb.WorkerDeploymentVersion{BuildId: build}
		}
		return &taskqueuepb.TaskQueueVersioningInfo{CurrentDeploymentVersion: version(current), RampingDeploymentVersion: version(ramping)}
	}
	for _, tc := range []struct {
		name    string
		pollers []*taskqueuepb.PollerInfo
		routing *taskqueuepb.TaskQueueVersioningInfo
		want    string
	}{
		{"no worker at all", nil, nil, "No worker takes x"},
		{"a worker without a version", []*taskqueuepb.PollerInfo{of("")}, nil, ""},
		{"a worker of an older release of the SDK", []*taskqueuepb.PollerInfo{{}}, nil, ""},
		{"a worker that was never promoted", []*taskqueuepb.PollerInfo{of("one")}, nil, "not promoted; the run waits for that: `starter versions promote one`"},
		{"one of the current version", []*taskqueuepb.PollerInfo{of("one"), of("two")}, routing("two", ""), ""},
		{"one of the ramping version", []*taskqueuepb.PollerInfo{of("three")}, routing("two", "three"), ""},
		{"only others", []*taskqueuepb.PollerInfo{of("one"), of("")}, routing("two", "three"), "No worker of the current version two takes x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := reasonUntaken("x", &workflowservice.DescribeTaskQueueResponse{Pollers: tc.pollers, VersioningInfo: tc.routing})
			if tc.want == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, tc.want)
		})
	}
}
