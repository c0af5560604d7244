// Package saas lists the integrations that roll out saas files.
package saas

import (
	"github.com/app-sre/qontract-temporal/integrations/saas/filevalidator"
	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploy"
	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploytriggercleaner"
	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploytriggerconfigs"
	"github.com/app-sre/qontract-temporal/integrations/saas/openshifttektonresources"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "saas", Integrations: []reconcile.Definition{
		filevalidator.Definition(),
		openshiftsaasdeploy.Definition(),
		openshiftsaasdeploytriggercleaner.Definition(),
		openshiftsaasdeploytriggerconfigs.Definition(),
		openshifttektonresources.Definition(),
	}}
}
