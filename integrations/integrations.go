package integrations

import (
	"github.com/app-sre/qontract-temporal/integrations/appinterface"
	"github.com/app-sre/qontract-temporal/integrations/aws"
	"github.com/app-sre/qontract-temporal/integrations/database"
	"github.com/app-sre/qontract-temporal/integrations/monitoring"
	"github.com/app-sre/qontract-temporal/integrations/ocm"
	"github.com/app-sre/qontract-temporal/integrations/openshift"
	"github.com/app-sre/qontract-temporal/integrations/quay"
	"github.com/app-sre/qontract-temporal/integrations/saas"
	"github.com/app-sre/qontract-temporal/integrations/terraform"
	"github.com/app-sre/qontract-temporal/integrations/vault"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// All returns the families in alphabetical order. It is the only list: worker, starter, schedules, documentation
// and tests derive from it.
func All() []reconcile.Family {
	return []reconcile.Family{
		appinterface.Family(All),
		aws.Family(),
		ocm.Family(),
		database.Family(),
		monitoring.Family(),
		openshift.Family(),
		quay.Family(),
		saas.Family(),
		terraform.Family(),
		vault.Family(),
	}
}
