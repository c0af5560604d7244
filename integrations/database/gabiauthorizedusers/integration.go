// Package gabiauthorizedusers says who may query databases through Gabi, and until when.
//
// What it keeps true: each instance of Gabi has a ConfigMap with its users and the day that their access ends on.
// Desired: for each instance one ConfigMap in each of its namespaces, with the names by which the cluster knows its users.
// Current: the ConfigMap objects in these namespaces.
// Writes: ConfigMap objects; the pods that use one are restarted when it changes.
// Reference module: reconcile/gabi_authorized_users.py.
package gabiauthorizedusers

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
const Name = "gabi-authorized-users"

const (
	kind    = "ConfigMap"
	version = "0.1.0"
	// mostDays is how far ahead access may end.
	mostDays = 365
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages user access for GABI instances.",
		Params:  []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:  []reconcile.System{reconcile.Kubernetes},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			source := &source{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }, now: time.Now}
			return reconcile.Reconcile(&namespaced.Objects{
				Owner:      kubeapi.Owner{Integration: Name, Version: version},
				Policy:     policy,
				Namespaces: source.namespaces,
				Connect:    set.Clusters().Connect,
			}), nil
		},
	}
}

// policy leaves the ConfigMaps that others made alone.
func policy(plan.Args) kubeapi.Policy { return kubeapi.Policy{} }
