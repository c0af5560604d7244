package sqlquery

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// kinds are those that queries have objects of.
var kinds = [...]string{"Job", "CronJob", "ConfigMap", "Secret", "ServiceAccount"}

// counted is a series of the inventory.
type counted struct{ cluster, namespace, kind, state string }

// measure exports the objects of all queries.
func measure(scope *metrics.Scope, s reconcile.Scope, queries map[string]*listed, notes map[string]note, now time.Time) {
	for at, count := range inventory(queries, notes, now) {
		scope.Set(namespaced.Inventory, float64(count), s.Integration, at.cluster, at.namespace, at.kind, at.state)
	}
}

// inventory counts the objects of all queries, as they should be and as they are.
//
// Differs from the reference: objects that are to be deleted are those that were made, and clusters are not asked.
func inventory(queries map[string]*listed, notes map[string]note, now time.Time) map[counted]int {
	counts := map[counted]int{}
	for name, query := range queries {
		cluster, namespace := query.definition.Namespace.Cluster.Name, query.definition.Namespace.Name
		n := notes[name]
		going := n.made() && (query.recurs() && query.goes() || !query.recurs() && !now.Before(due(n.since)))
		for _, kind := range kinds {
			current, desired := counted{cluster, namespace, kind, "current"}, counted{cluster, namespace, kind, "desired"}
			objects := query.objects(kind)
			if n.done {
				objects = 0
			}
			counts[current] += 0
			counts[desired] += 0
			if n.made() {
				counts[current] += objects
			}
			if !going {
				counts[desired] += objects
			}
		}
	}
	return counts
}

// objects is how many objects of a kind the query has.
func (l *listed) objects(kind string) int {
	switch kind {
	case "ConfigMap":
		return 1 + len(l.chunks())
	case "Secret":
		if l.settings == nil {
			return 0
		}
	case "Job":
		if l.recurs() {
			return 0
		}
	case "CronJob":
		if !l.recurs() {
			return 0
		}
	}
	return 1
}
