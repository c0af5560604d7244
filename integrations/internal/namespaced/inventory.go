package namespaced

import (
	"cmp"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Inventory counts the objects of a kind in each namespace.
//
// Differs from the reference: the state "current" counts the objects that are ours or desired. The reference counts those of
// others too, which it reads as well and never touches.
var Inventory = metrics.Gauge{
	Name: "qontract_reconcile_openshift_resource_inventory", Help: "Objects of a kind in a namespace, as they are and as they should be.",
	Labels: []string{"integration", "cluster", "namespace", "kind", "state"},
}

// measure exports the inventory. A namespace without objects has a zero; what belongs to
// the cluster itself has the namespace "cluster".
func measure(scope *metrics.Scope, s reconcile.Scope, namespaces []Namespace, desired, current []kubeapi.Object) {
	for state, objects := range map[string][]kubeapi.Object{"desired": desired, "current": current} {
		count := map[place]int{}
		for _, object := range objects {
			count[place{object.Namespace, object.Kind}]++
		}
		for _, namespace := range namespaces {
			for _, managed := range namespace.Managed {
				scope.Set(Inventory, float64(count[place{namespace.Name, managed.Kind}]), s.Integration, s.Name, cmp.Or(namespace.Name, "cluster"), managed.Kind, state)
			}
		}
	}
}

// MeasureDesired exports how many objects of a kind are to be in a cluster itself, for integrations that keep them in
// another way.
func MeasureDesired(scope *metrics.Scope, s reconcile.Scope, kind string, count int) {
	scope.Set(Inventory, float64(count), s.Integration, s.Name, "cluster", kind, "desired")
}
