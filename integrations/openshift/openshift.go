// Package openshift lists the integrations that write to clusters.
package openshift

import (
	"github.com/app-sre/qontract-temporal/integrations/openshift/limitranges"
	"github.com/app-sre/qontract-temporal/integrations/openshift/namespaces"
	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "openshift", Integrations: []reconcile.Definition{
		limitranges.Definition(),
		namespaces.Definition(),
		resourcequotas.Definition(),
	}}
}
