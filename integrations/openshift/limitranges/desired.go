package limitranges

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
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
		managed := kubeapi.Managed{Kind: kind}
		for _, names := range n.ManagedResourceNames {
			if names.Resource == kind {
				managed.Names = names.ResourceNames
			}
		}
		namespaces = append(namespaces, namespaced.Namespace{
			Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin),
			Managed: []kubeapi.Managed{managed}, Bodies: namespaced.Plain(body(*n.LimitRanges)),
		})
	}
	return namespaces, nil
}
