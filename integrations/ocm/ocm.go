// Package ocm lists the integrations that write to OpenShift Cluster Manager.
package ocm

import (
	"github.com/app-sre/qontract-temporal/integrations/ocm/addonsupgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/integrations/ocm/addonsupgradeteststrigger"
	"github.com/app-sre/qontract-temporal/integrations/ocm/advancedupgradescheduler"
	"github.com/app-sre/qontract-temporal/integrations/ocm/clusters"
	"github.com/app-sre/qontract-temporal/integrations/ocm/updaterecommendedversion"
	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorgupdater"
	"github.com/app-sre/qontract-temporal/integrations/ocm/versiongateapprover"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "ocm", Integrations: []reconcile.Definition{
		addonsupgradeschedulerorg.Definition(),
		addonsupgradeteststrigger.Definition(),
		advancedupgradescheduler.Definition(),
		clusters.Definition(),
		updaterecommendedversion.Definition(),
		upgradeschedulerorg.Definition(),
		upgradeschedulerorgupdater.Definition(),
		versiongateapprover.Definition(),
	}}
}
