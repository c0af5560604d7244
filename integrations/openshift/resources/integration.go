// Package resources keeps the objects of namespaces that app-interface has as files and templates.
//
// What it keeps true: each namespace has the objects that its openshiftResources of providers resource and resource-template
// make, of the kinds that it manages.
// Desired: one object for each entry, of the namespace or shared, of the namespaces that are not to be deleted.
// Current: the objects of the managed kinds in these namespaces.
// Writes: objects of the managed kinds. Pods whose owners ask for it are restarted.
// Reference module: reconcile/openshift_resources.py.
package resources

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "openshift-resources"

// The marks in the objects' annotations. The name has underscores, since live objects have it so.
const (
	owner   = "openshift_resources"
	version = "1.9.3"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift Resources.",
		Params:    append(resources.Params(), resources.ExcludeCluster()),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.PerOpenShiftCluster,
		Partition: namespaced.ByCluster("cluster-name"),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			source := &resources.Source{
				Providers: []string{resources.ProviderFile, resources.ProviderTemplate},
				Read:      reader(set.AppInterface()),
				Renderer:  template.New(set),
			}
			return reconcile.Reconcile(&reconciler{resources.New(kubeapi.Owner{Integration: owner, Version: version}, source, set.Clusters())}), nil
		},
	}
}
