package namespaces

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the existing namespaces of those that app-interface names. One that is being deleted counts as gone.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, _ []Namespace) ([]Namespace, error) {
	definitions, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.client(ctx, s)
	if err != nil {
		return nil, err
	}
	existing, err := client.ListNamespaces(ctx)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, n := range definitions {
		ours[n.Name] = true
	}
	var items []Namespace
	for _, namespace := range existing {
		if ours[namespace.Name] && !namespace.Terminating {
			items = append(items, Namespace{Cluster: s.Name, Name: namespace.Name})
		}
	}
	return items, nil
}

func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (cluster, error) {
	definitions, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	if len(definitions) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no namespace in cluster %s any more", s.Name)
	}
	return r.connect(ctx, s, definitions[0].Cluster)
}
