package versions_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/versions"
)

const queue = "backlog"

// build is a worker of a build on the queue; it does not take activities, so that those pile up.
func build(t *testing.T, c client.Client, id string, o worker.Options) worker.Worker {
	t.Helper()
	o.DeploymentOptions = worker.DeploymentOptions{
		UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: queue, BuildID: id}, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	}
	return worker.New(c, queue, o)
}

// TestTheBacklogOfABuildIsKnown asks Temporal as the trigger of the chart's ScaledObject does: for the version
// <deployment>:<build> and for tasks that belong to none.
func TestTheBacklogOfABuildIsKnown(t *testing.T) {
	temporal := serverstest.OwnTemporal(t)
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort})
	const waiting = 7
	w := build(t, c.Client, "one", worker.Options{LocalActivityWorkerOnly: true})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		var all []workflow.Future
		for range waiting {
			all = append(all, workflow.ExecuteActivity(ctx, "nobody"))
		}
		for _, f := range all {
			if err := f.Get(ctx, nil); err != nil {
				return err
			}
		}
		return nil
	}, workflow.RegisterOptions{Name: "piles-up"})
	require.NoError(t, w.Start())
	defer w.Stop()
	// Activities have a worker once, which makes their queue one of the version's.
	once := build(t, c.Client, "one", worker.Options{DisableWorkflowWorker: true})
	require.NoError(t, once.Start())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, versions.Of(c.Client, c.Namespace, queue).Promote(ctx, versions.Promotion{BuildID: "one", Percentage: 100}))
	once.Stop()

	_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: queue}, "piles-up")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		described, err := c.DescribeTaskQueueEnhanced(t.Context(), client.DescribeTaskQueueEnhancedOptions{
			TaskQueue: queue, TaskQueueTypes: []client.TaskQueueType{client.TaskQueueTypeActivity}, ReportStats: true,
			Versions: &client.TaskQueueVersionSelection{Unversioned: true, BuildIDs: []string{queue + ":one"}},
		})
		if err != nil {
			return false
		}
		var backlog int64
		for _, v := range described.VersionsInfo { //nolint:staticcheck // KEDA asks so.
			for _, of := range v.TypesInfo {
				backlog += of.Stats.ApproximateBacklogCount
			}
		}
		return backlog == waiting
	}, 30*time.Second, 200*time.Millisecond)
}
