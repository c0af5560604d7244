// Package routes keeps the Routes of namespaces.
//
// What it keeps true: each namespace has the Routes that its openshiftResources of provider route ask for, with the TLS
// fields of their secrets in Vault.
// Desired: one Route for each entry, of the namespace or shared, of the namespaces that are not to be deleted.
// Current: the Route objects in these namespaces.
// Writes: Route objects.
// Reference module: reconcile/openshift_routes.py.
package routes

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-routes"

const version = "1.9.3"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift Routes.",
		Params:    resources.Params(),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.PerOpenShiftCluster,
		Partition: namespaced.ByCluster("cluster-name"),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			source := &resources.Source{
				Providers: []string{resources.ProviderRoute},
				Kinds:     []string{"Route"},
				Read:      reader(set.AppInterface()),
				Secrets:   set.Secrets(),
			}
			return reconcile.Reconcile(resources.New(kubeapi.Owner{Integration: Name, Version: version}, source, set.Clusters())), nil
		},
	}
}
