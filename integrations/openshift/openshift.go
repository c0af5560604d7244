// Package openshift lists the integrations that write to clusters.
package openshift

import (
	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterbots"
	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterdeploymentmapper"
	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterrolebindings"
	"github.com/app-sre/qontract-temporal/integrations/openshift/groups"
	"github.com/app-sre/qontract-temporal/integrations/openshift/limitranges"
	"github.com/app-sre/qontract-temporal/integrations/openshift/namespacelabels"
	"github.com/app-sre/qontract-temporal/integrations/openshift/namespaces"
	"github.com/app-sre/qontract-temporal/integrations/openshift/networkpolicies"
	"github.com/app-sre/qontract-temporal/integrations/openshift/prometheusrules"
	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/integrations/openshift/resources"
	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcescraper"
	"github.com/app-sre/qontract-temporal/integrations/openshift/rolebindings"
	"github.com/app-sre/qontract-temporal/integrations/openshift/routes"
	"github.com/app-sre/qontract-temporal/integrations/openshift/serviceaccounttokens"
	"github.com/app-sre/qontract-temporal/integrations/openshift/skuppernetwork"
	"github.com/app-sre/qontract-temporal/integrations/openshift/upgradewatcher"
	"github.com/app-sre/qontract-temporal/integrations/openshift/users"
	"github.com/app-sre/qontract-temporal/integrations/openshift/vaultsecrets"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "openshift", Integrations: []reconcile.Definition{
		clusterbots.Definition(),
		clusterdeploymentmapper.Definition(),
		clusterrolebindings.Definition(),
		groups.Definition(),
		limitranges.Definition(),
		namespacelabels.Definition(),
		namespaces.Definition(),
		networkpolicies.Definition(),
		prometheusrules.Definition(),
		resourcequotas.Definition(),
		resources.Definition(),
		resourcescraper.Definition(),
		rolebindings.Definition(),
		routes.Definition(),
		serviceaccounttokens.Definition(),
		skuppernetwork.Definition(),
		upgradewatcher.Definition(),
		users.Definition(),
		vaultsecrets.Definition(),
	}}
}
