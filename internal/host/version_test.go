package host_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/versions"
	"github.com/app-sre/qontract-temporal/workflows"
)

// TestAVersionWithQueuesOfItsOwn runs workers with an image of their own for a shard: a run, what it holds, and the approved
// run all stay on the shard's queues.
func TestAVersionWithQueuesOfItsOwn(t *testing.T) {
	const suffix, build = "-prod-1", "b1"
	r := &widgets{refuses: -1}
	i := install(t, r, "", func(o *host.Options) {
		o.QueueSuffix, o.Version = suffix, worker.WorkerDeploymentVersion{DeploymentName: "shop" + suffix, BuildID: build}
	})
	for n := range 12 {
		r.made[""] = append(r.made[""], widget{Name: fmt.Sprintf("unwanted-%02d", n)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, versions.Of(i.Client, i.Namespace, "shop"+suffix).Promote(ctx, versions.Promotion{BuildID: build, Percentage: 100}))

	started, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name + suffix}, name, workflows.Input{})
	require.NoError(t, err)
	result := &workflows.Result{}
	require.NoError(t, started.Get(t.Context(), result))
	require.Equal(t, workflows.Held, result.Outcome)
	approval := workflows.ApprovalID(name, "", "")
	require.Equal(t, enums.VERSIONING_BEHAVIOR_PINNED, i.of(t, name, name+suffix, build).GetBehavior())
	require.Equal(t, enums.VERSIONING_BEHAVIOR_AUTO_UPGRADE, i.of(t, approval, name+suffix, build).GetBehavior())

	handle, err := i.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: approval, UpdateName: workflows.ApproveMessage, Args: []any{workflows.Decision{By: "ann"}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(t.Context(), nil))
	require.NoError(t, i.GetWorkflow(t.Context(), approval, "").Get(t.Context(), nil))
	require.Equal(t, enums.VERSIONING_BEHAVIOR_PINNED, i.of(t, approval+"/run", name+suffix, build).GetBehavior())
	require.Empty(t, r.made[""])
}

// of returns how Temporal routes a workflow, which is on that queue and was last with that build.
func (i installation) of(t *testing.T, id, queue, build string) *workflow.WorkflowExecutionVersioningInfo {
	t.Helper()
	described, err := i.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	info := described.GetWorkflowExecutionInfo()
	require.Equal(t, queue, info.GetTaskQueue())
	require.Equal(t, build, info.GetVersioningInfo().GetDeploymentVersion().GetBuildId())
	return info.GetVersioningInfo()
}
