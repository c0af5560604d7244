// Package resourcequotas keeps the ResourceQuotas of namespaces.
//
// What it keeps true: each namespace has exactly the quotas of its quota datafile.
// Desired: the quotas of the namespaces that name a quota datafile and are not to be deleted.
// Current: the ResourceQuota objects in these namespaces.
// Writes: ResourceQuota objects.
// Reference module: reconcile/openshift_resourcequotas.py.
package resourcequotas

import (
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-resourcequotas"

const (
	kind    = "ResourceQuota"
	version = "0.1.0"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift ResourceQuota objects.",
		Params:    []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.TakeOver(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Partition: namespaced.ByCluster(""),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			source := &source{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}
			return reconcile.Reconcile(&namespaced.Objects{
				Owner:      kubeapi.Owner{Integration: Name, Version: version},
				Policy:     policy,
				Namespaces: source.namespaces,
				Connect:    set.Clusters().Connect,
			}), nil
		},
	}
}

// policy leaves quotas that others made alone. The flag --take-over is accepted, as the reference accepts it, and
// has no effect, as it has none there.
func policy(plan.Args) kubeapi.Policy { return kubeapi.Policy{} }
