// Package rolebindings binds the holders of roles to ClusterRoles in namespaces.
//
// What it keeps true: each namespace whose roles are managed has exactly the RoleBindings that the roles of app-interface
// ask for, one for each ClusterRole and holder.
// Desired: bindings for the users, by the names that the cluster knows, and the service accounts of the bots of roles that
// have not expired, in namespaces that are not to be deleted.
// Current: the RoleBinding objects in these namespaces.
// Writes: RoleBinding objects.
// Reference module: reconcile/openshift_rolebindings.py.
package rolebindings

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
const Name = "openshift-rolebindings"

const version = "0.3.0"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Configures Rolebindings in OpenShift clusters.",
		Params: append([]reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
		}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
		Partition: namespaced.ByCluster(""),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			source := &source{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }, now: time.Now}
			return reconcile.Reconcile(&namespaced.Objects{
				Owner:      kubeapi.Owner{Integration: Name, Version: version},
				Policy:     func(plan.Args) kubeapi.Policy { return kubeapi.Policy{} },
				Namespaces: source.namespaces,
				Connect:    set.Clusters().Connect,
			}), nil
		},
	}
}
