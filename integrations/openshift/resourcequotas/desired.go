package resourcequotas

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads the quotas from app-interface.
type source struct {
	at func(reconcile.Scope) graphql.Client
}

func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	answer, err := QuotaNamespaces(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	var namespaces []namespaced.Namespace
	for _, n := range answer.Namespaces {
		if n.Quota == nil || namespaced.IsTrue(n.Delete) {
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
			Managed: []kubeapi.Managed{managed}, Bodies: namespaced.Plain(bodies(n.Quota.Quotas)...),
		})
	}
	return namespaces, nil
}
