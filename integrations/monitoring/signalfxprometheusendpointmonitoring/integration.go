// Package signalfxprometheusendpointmonitoring has Prometheus take what SignalFx knows of the endpoints of applications.
//
// What it keeps true: each SignalFx provider that an endpoint names has a Probe with all endpoints that name it.
// Desired: one Probe for each such provider, in its exporter's namespace.
// Current: the Probe objects in the namespaces of all SignalFx providers.
// Writes: Probe objects.
// Reference module: reconcile/signalfx_endpoint_monitoring.py, reconcile/closedbox_endpoint_monitoring_base.py.
package signalfxprometheusendpointmonitoring

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/monitoring/internal/probes"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "signalfx-prometheus-endpoint-monitoring"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages Prometheus Probe resources for signalfx exporter",
		Params:  probes.Params(),
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:  []reconcile.System{reconcile.Kubernetes},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			s := &source{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}
			return probes.Integration{Name: Name, Read: s.read, Exporter: exporter, Spec: spec}.Steps(set), nil
		},
	}
}

type source struct {
	at func(reconcile.Scope) graphql.Client
}

func (s *source) read(ctx context.Context, scope reconcile.Scope) ([]probes.Provider, []probes.Endpoint, error) {
	answer, err := SignalFxEndpoints(ctx, s.at(scope))
	if err != nil {
		return nil, nil, err
	}
	var endpoints []probes.Endpoint
	for _, app := range answer.Apps {
		endpoints = append(endpoints, app.EndPoints...)
	}
	return answer.Providers, endpoints, nil
}

func exporter(p probes.Provider) *probes.Exporter { return p.SignalFx }

// spec has the exporter give the metrics of the endpoints' names. Their instance is the endpoint's URL, as in those of a
// Blackbox exporter; the name stays in the label that the exporter filters by.
//
// Differs from the reference: an exporter's URL may do without a path. The reference ends there.
func spec(p probes.Provider, prober probes.Prober, endpoints []probes.Endpoint) probes.Spec {
	prober.Path += "/" + p.SignalFx.TargetFilterLabel
	names := make([]string, len(endpoints))
	var relabeling []any
	for i, endpoint := range endpoints {
		names[i] = endpoint.Name
		relabeling = append(relabeling, map[string]any{
			"action": "replace", "regex": "^" + endpoint.Name + "$", "replacement": endpoint.URL,
			"sourceLabels": []any{"instance"}, "targetLabel": "instance",
		})
	}
	return probes.Spec{Prober: prober, Relabeling: append(relabeling, probes.DropNamespace()), Targets: names}
}
