// Package blackboxexporterendpointmonitoring has Blackbox exporters probe the endpoints of applications.
//
// What it keeps true: each Blackbox provider that an endpoint names has a Probe with all endpoints that name it.
// Desired: one Probe for each such provider, in its exporter's namespace. Where app-interface-settings list modules, only
// providers with one of these.
// Current: the Probe objects in the namespaces of all Blackbox providers.
// Writes: Probe objects.
// Reference module: reconcile/blackbox_exporter_endpoint_monitoring.py, reconcile/closedbox_endpoint_monitoring_base.py.
package blackboxexporterendpointmonitoring

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/monitoring/internal/probes"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "blackbox-exporter-endpoint-monitoring"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages Prometheus Probe resources for blackbox-exporter",
		Params:  probes.Params(),
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:  []reconcile.System{reconcile.Kubernetes},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			s := &source{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}
			return probes.Integration{
				Name: Name, Read: s.read, Exporter: exporter, Spec: spec, Check: s.check,
			}.Steps(set), nil
		},
	}
}

type source struct {
	at func(reconcile.Scope) graphql.Client
}

func (s *source) read(ctx context.Context, scope reconcile.Scope) ([]probes.Provider, []probes.Endpoint, error) {
	answer, err := BlackboxEndpoints(ctx, s.at(scope))
	if err != nil {
		return nil, nil, err
	}
	var endpoints []probes.Endpoint
	for _, app := range answer.Apps {
		endpoints = append(endpoints, app.EndPoints...)
	}
	return answer.Providers, endpoints, nil
}

// check refuses modules that the settings do not list. An empty list allows all.
func (s *source) check(ctx context.Context, scope reconcile.Scope) (func(probes.Provider) error, error) {
	answer, err := BlackboxEndpoints(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	var allowed []string
	if len(answer.Settings) > 0 {
		allowed = answer.Settings[0].EndpointMonitoringBlackboxExporterModules
	}
	return func(p probes.Provider) error {
		if module := p.BlackboxExporter.Module; len(allowed) > 0 && !slices.Contains(allowed, module) {
			return apierr.Errorf(apierr.Invalid, "provider %s (%s): module %s is none that app-interface-settings allow: use one of %s, or add it to endpointMonitoringBlackboxExporterModules",
				p.Name, p.Path, module, strings.Join(allowed, ", "))
		}
		return nil
	}, nil
}

func exporter(p probes.Provider) *probes.Exporter { return p.BlackboxExporter }

// spec has the exporter ask the endpoints' URLs.
func spec(p probes.Provider, prober probes.Prober, endpoints []probes.Endpoint) probes.Spec {
	urls := make([]string, len(endpoints))
	for i, endpoint := range endpoints {
		urls[i] = endpoint.URL
	}
	return probes.Spec{Prober: prober, Module: p.BlackboxExporter.Module, Relabeling: []any{probes.DropNamespace()}, Targets: urls}
}
