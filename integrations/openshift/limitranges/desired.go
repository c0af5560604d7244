package limitranges

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads the limit ranges from app-interface.
type source struct {
	at func(reconcile.Scope) graphql.Client
}

func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	answer, err := LimitRangeNamespaces(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	var namespaces []namespaced.Namespace
	for _, n := range answer.Namespaces {
		if n.LimitRanges == nil || namespaced.IsTrue(n.Delete) {
			continue
		}
		namespace := namespaced.Namespace{
			Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin),
			Bodies: []map[string]any{body(*n.LimitRanges)},
		}
		for _, managed := range n.ManagedResourceNames {
			if managed.Resource == kind {
				namespace.ManagedNames = managed.ResourceNames
			}
		}
		namespaces = append(namespaces, namespace)
	}
	return namespaces, nil
}
