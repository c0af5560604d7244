package resourcequotas

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/namespaced"
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
		namespace := namespaced.Namespace{Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin)}
		for _, managed := range n.ManagedResourceNames {
			if managed.Resource == kind {
				namespace.ManagedNames = managed.ResourceNames
			}
		}
		for _, q := range n.Quota.Quotas {
			namespace.Bodies = append(namespace.Bodies, body(q))
		}
		namespaces = append(namespaces, namespace)
	}
	return namespaces, nil
}
