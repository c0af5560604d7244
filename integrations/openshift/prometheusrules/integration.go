// Package prometheusrules keeps the PrometheusRules of namespaces.
//
// What it keeps true: each namespace has the PrometheusRules that its openshiftResources of provider prometheus-rule make.
// Each rule with annotations has one more, html_url, which links to the file that it comes from.
// Desired: one PrometheusRule for each entry, of the namespace or shared, of the namespaces that are not to be deleted.
// Current: the PrometheusRule objects in these namespaces.
// Writes: PrometheusRule objects.
// Reference module: reconcile/openshift_prometheus_rules.py.
package prometheusrules

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-prometheus-rules"

const version = "1.0.0"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift Prometheus Rules.",
		Params:    resources.Params(),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.PerOpenShiftCluster,
		Partition: namespaced.ByCluster("cluster-name"),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			source := &resources.Source{
				Providers: []string{resources.ProviderPrometheusRule},
				Kinds:     []string{"PrometheusRule"},
				Read:      reader(set.AppInterface()),
				Renderer:  template.New(set),
			}
			return reconcile.Reconcile(resources.New(kubeapi.Owner{Integration: Name, Version: version}, source, set.Clusters())), nil
		},
	}
}
