// Package aws lists the integrations of the family aws.
package aws

import (
	"github.com/app-sre/qontract-temporal/integrations/aws/accountmanager"
	"github.com/app-sre/qontract-temporal/integrations/aws/supportcasessos"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "aws", Integrations: []reconcile.Definition{
		accountmanager.Definition(),
		supportcasessos.Definition(),
	}}
}
