// Package vault lists the integrations of the family vault.
package vault

import (
	"github.com/app-sre/qontract-temporal/integrations/vault/replication"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "vault", Integrations: []reconcile.Definition{
		replication.Definition(),
	}}
}
