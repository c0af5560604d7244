// Package openshiftsaasdeploytriggercleaner deletes the PipelineRuns of rollouts that nobody looks at any more.
//
// What it keeps true: the namespace of each provider of pipelines has no more PipelineRuns than its retention says.
// Desired: the PipelineRuns that the retention of the provider, or of its defaults, keeps.
// Current: these, and the PipelineRuns in the namespaces of the providers that no retention keeps.
// Writes: deletes PipelineRuns.
// Reference module: reconcile/openshift_saas_deploy_trigger_cleaner.py.
package openshiftsaasdeploytriggercleaner

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "openshift-saas-deploy-trigger-cleaner"

const kind = "PipelineRun.tekton.dev"

// mostByThemselves is the number of clusters up to which a check runs the affected ones alone.
const mostByThemselves = 10

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Clean up deployment related resources.",
		Params:    []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Partition: &reconcile.Partition{Roots: map[string]string{"providers": "namespace.cluster.name"}, Most: mostByThemselves},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: set.Clusters().Connect,
				now:     time.Now,
			}), nil
		},
	}
}

var (
	_ reconcile.Reconciler[Run] = (*reconciler)(nil)
	_ reconcile.Sharded         = (*reconciler)(nil)
	_ reconcile.Sourced         = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error)
	now     func() time.Time
}
