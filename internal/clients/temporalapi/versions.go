package temporalapi

import (
	"context"
	"fmt"

	"go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Retired says whether no run needs a version of a Worker Deployment: it is drained, it never got any, or Temporal does not
// know it.
func (c *Client) Retired(ctx context.Context, name, build string) (bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	described, err := c.Service.DescribeWorkerDeploymentVersion(ctx, &workflowservice.DescribeWorkerDeploymentVersionRequest{
		Namespace: c.Namespace, DeploymentVersion: &deployment.WorkerDeploymentVersion{DeploymentName: name, BuildId: build},
	})
	if err != nil {
		err = classify(fmt.Errorf("read version %s of the Worker Deployment %s: %w", build, name, err))
		return apierr.Is(err, apierr.Missing), unlessMissing(err)
	}
	switch described.GetWorkerDeploymentVersionInfo().GetStatus() {
	case enums.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED, enums.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE:
		return true, nil
	default:
		return false, nil
	}
}
