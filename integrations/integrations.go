package integrations

import (
	"github.com/app-sre/qontract-temporal/integrations/appinterface"
	"github.com/app-sre/qontract-temporal/integrations/openshift"
	"github.com/app-sre/qontract-temporal/integrations/quay"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// All returns the families in alphabetical order. It is the only list: worker, starter, schedules, documentation
// and tests derive from it.
func All() []reconcile.Family {
	return []reconcile.Family{
		appinterface.Family(),
		openshift.Family(),
		quay.Family(),
	}
}
