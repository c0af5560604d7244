package clients

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Clusters connects to clusters as a run's flags say.
type Clusters struct {
	app  AppInterface
	pool *kubeapi.Pool
}

// Connect returns the client for a cluster, privileged or not. With --use-jump-host it goes through the cluster's jump
// host, where there is one, whose known keys are those of the scope's bundle.
func (c Clusters) Connect(ctx context.Context, s plan.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error) {
	if cluster.JumpHost == nil || !s.Args.Bool("use-jump-host") {
		return c.pool.Client(ctx, cluster, privileged, nil)
	}
	known, err := c.app.At(s).Resource(ctx, cluster.JumpHost.KnownHosts)
	if err != nil {
		return nil, fmt.Errorf("[%s] known keys of the jump host %s: %w", cluster.Name, cluster.JumpHost.Hostname, err)
	}
	return c.pool.Client(ctx, cluster, privileged, &kubeapi.JumpHost{JumpHost: *cluster.JumpHost, KnownKeys: known.Content})
}

// FromKubeconfig returns the client for a cluster that logs in as a kubeconfig says. It goes through no jump host.
func (c Clusters) FromKubeconfig(ctx context.Context, cluster string, kubeconfig secret.Value) (*kubeapi.Client, error) {
	return c.pool.FromKubeconfig(ctx, cluster, kubeconfig)
}
