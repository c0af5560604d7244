// Package monitoring lists the integrations of the family monitoring.
package monitoring

import (
	"github.com/app-sre/qontract-temporal/integrations/monitoring/blackboxexporterendpointmonitoring"
	"github.com/app-sre/qontract-temporal/integrations/monitoring/prometheusrulestester"
	"github.com/app-sre/qontract-temporal/integrations/monitoring/signalfxprometheusendpointmonitoring"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "monitoring", Integrations: []reconcile.Definition{
		blackboxexporterendpointmonitoring.Definition(),
		prometheusrulestester.Definition(),
		signalfxprometheusendpointmonitoring.Definition(),
	}}
}
