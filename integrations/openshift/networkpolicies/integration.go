// Package networkpolicies lets namespaces be reached from other namespaces.
//
// What it keeps true: into each namespace traffic is let from exactly the namespaces that its datafile allows.
// Desired: one NetworkPolicy for each namespace that another one of its cluster allows in.
// Current: the NetworkPolicy objects in the namespaces whose datafile has a list of those to let in, be it empty.
// Writes: NetworkPolicy objects.
// Reference module: reconcile/openshift_network_policies.py.
package networkpolicies

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
const Name = "openshift-network-policies"

const (
	kind    = "NetworkPolicy"
	version = "0.1.0"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift NetworkPolicies.",
		Params:    append([]reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
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

// policy leaves the policies that others made alone.
func policy(plan.Args) kubeapi.Policy { return kubeapi.Policy{} }
