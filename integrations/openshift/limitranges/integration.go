// Package limitranges keeps the LimitRanges of namespaces.
//
// What it keeps true: each namespace has exactly the LimitRange of its limit range datafile.
// Desired: one LimitRange for each namespace that names a limit range datafile and is not to be deleted.
// Current: the LimitRange objects in these namespaces.
// Writes: LimitRange objects.
// Reference module: reconcile/openshift_limitranges.py.
package limitranges

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
const Name = "openshift-limitranges"

const (
	kind    = "LimitRange"
	version = "0.1.0"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift LimitRange objects.",
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

// policy takes over the LimitRanges that others made, unless --no-take-over is given.
func policy(args plan.Args) kubeapi.Policy { return kubeapi.Policy{TakeOver: args.Bool("take-over")} }
