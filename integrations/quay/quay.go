// Package quay lists the integrations that write to Quay.
package quay

import (
	"github.com/app-sre/qontract-temporal/integrations/quay/membership"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "quay", Integrations: []reconcile.Definition{
		membership.Definition(),
	}}
}
