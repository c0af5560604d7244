// Package appinterface lists the integrations that check app-interface's own data.
package appinterface

import (
	"github.com/app-sre/qontract-temporal/integrations/appinterface/servicedependencies"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "appinterface", Integrations: []reconcile.Definition{
		servicedependencies.Definition(),
	}}
}
