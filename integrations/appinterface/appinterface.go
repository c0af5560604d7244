// Package appinterface lists the integrations that check app-interface's own data.
package appinterface

import (
	"github.com/app-sre/qontract-temporal/integrations/appinterface/integrationsmanager"
	"github.com/app-sre/qontract-temporal/integrations/appinterface/resourcetemplatetester"
	"github.com/app-sre/qontract-temporal/integrations/appinterface/servicedependencies"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list. All are the families of all integrations.
func Family(all func() []reconcile.Family) reconcile.Family {
	return reconcile.Family{Name: "appinterface", Integrations: []reconcile.Definition{
		integrationsmanager.Definition(all),
		resourcetemplatetester.Definition(),
		servicedependencies.Definition(),
	}}
}
