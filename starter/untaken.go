package main

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/connect"
)

// untaken says why no worker takes the integration's runs, and what to do; it is empty where one does, or where that
// cannot be told.
func untaken(ctx context.Context, c *connect.Connection, integration string) string {
	ctx, cancel := context.WithTimeout(ctx, 4*lookEvery)
	defer cancel()
	queue, err := c.DescribeTaskQueue(ctx, integration, enums.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return ""
	}
	return reasonUntaken(integration, queue)
}

func reasonUntaken(integration string, queue *workflowservice.DescribeTaskQueueResponse) string {
	if len(queue.GetPollers()) == 0 {
		return fmt.Sprintf("No worker takes %s; the run waits for one: `worker --integrations %s`.", integration, integration)
	}
	current := queue.GetVersioningInfo().GetCurrentDeploymentVersion().GetBuildId()
	ramping := queue.GetVersioningInfo().GetRampingDeploymentVersion().GetBuildId()
	waiting := ""
	for _, poller := range queue.GetPollers() {
		build := ""
		if of := poller.GetDeploymentOptions(); of.GetWorkerVersioningMode() == enums.WORKER_VERSIONING_MODE_VERSIONED {
			build = of.GetBuildId()
		}
		if build == current || build != "" && build == ramping {
			return ""
		}
		waiting = build
	}
	if current == "" {
		return fmt.Sprintf("The workers that take %s are not promoted; the run waits for that: `starter versions promote %s`.", integration, waiting)
	}
	return fmt.Sprintf("No worker of the current version %s takes %s; the run waits for one, or for another version: `starter versions list`.", current, integration)
}
