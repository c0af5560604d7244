// Package terraform lists the integrations of the family terraform.
package terraform

import (
	"github.com/app-sre/qontract-temporal/integrations/terraform/terraforminit"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "terraform", Integrations: []reconcile.Definition{
		terraforminit.Definition(),
	}}
}
