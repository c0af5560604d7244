package probes

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	kind    = "Probe"
	version = "0.1.0"
)

// Integration is what one kind of provider has of its own.
type Integration struct {
	Name string
	// Read returns the providers of app-interface, other kinds too, and the endpoints of all applications.
	Read func(context.Context, reconcile.Scope) ([]Provider, []Endpoint, error)
	// Exporter returns a provider's exporter; nil for providers of another kind.
	Exporter func(Provider) *Exporter
	// Spec is the part of a Probe that differs from kind to kind.
	Spec func(Provider, Prober, []Endpoint) Spec
	// Check returns why a provider must not be used, and nil where there is no more to check.
	Check func(context.Context, reconcile.Scope) (func(Provider) error, error)
}

// Steps keeps the Probes of the integration's providers.
func (i Integration) Steps(set *clients.Set) reconcile.Steps {
	return reconcile.Reconcile(&namespaced.Objects{
		Owner:      kubeapi.Owner{Integration: i.Name, Version: version},
		Policy:     func(plan.Args) kubeapi.Policy { return kubeapi.Policy{} },
		Namespaces: i.namespaces,
		Connect:    set.Clusters().Connect,
	})
}

// Params are the flags of all such integrations.
func Params() []reconcile.Param {
	return []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()}
}

// namespaces returns those of the providers. A provider that no endpoint names has no Probe.
//
// Differs from the reference: the namespace of a provider that no endpoint names any more is looked at, so that its Probe
// goes. The reference forgets a namespace with its last provider, and the Probe stays.
//
// Differs from the reference: a provider that cannot be right fails alone. The reference ends there, with nothing applied
// anywhere.
//
// Differs from the reference: a cluster whose datafile disables the integration is left out, and so is a namespace that is
// to be deleted.
func (i Integration) namespaces(ctx context.Context, s reconcile.Scope) ([]namespaced.Namespace, error) {
	providers, endpoints, err := i.Read(ctx, s)
	if err != nil {
		return nil, err
	}
	check := func(Provider) error { return nil }
	if i.Check != nil {
		if check, err = i.Check(ctx, s); err != nil {
			return nil, err
		}
	}
	watched := byProvider(endpoints)
	var namespaces []namespaced.Namespace
	for _, provider := range providers {
		exporter := i.Exporter(provider)
		if exporter == nil || namespaced.IsTrue(exporter.Namespace.Delete) {
			continue
		}
		namespaces = append(namespaces, namespaced.Namespace{
			Name: exporter.Namespace.Name, Cluster: exporter.Namespace.Cluster, Managed: []kubeapi.Managed{{Kind: kind}},
			Bodies: func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
				if len(watched[provider.Path]) == 0 {
					return nil, nil
				}
				err := check(provider)
				var object map[string]any
				if err == nil {
					object, err = i.probe(provider, *exporter, watched[provider.Path])
				}
				if err != nil {
					return nil, reconcile.Problems{err}
				}
				return []namespaced.Body{{Object: object}}, nil
			},
		})
	}
	return namespaces, nil
}

// byProvider returns the endpoints of each provider, by the provider's path, in their order.
func byProvider(endpoints []Endpoint) map[string][]Endpoint {
	watched := map[string][]Endpoint{}
	for _, endpoint := range endpoints {
		for _, monitoring := range endpoint.Monitoring {
			if monitoring.Provider != nil {
				watched[monitoring.Provider.Path] = append(watched[monitoring.Provider.Path], endpoint)
			}
		}
	}
	return watched
}
