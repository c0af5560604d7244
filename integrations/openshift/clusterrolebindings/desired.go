package clusterrolebindings

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads clusters and roles from app-interface.
type source struct {
	at  func(reconcile.Scope) graphql.Client
	now func() time.Time
}

// clusters returns the clusters whose cluster roles are managed, each with its bindings. Those without a token are still
// being made.
func (s *source) clusters(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	defined, err := Clusters(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	answer, err := Roles(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	valid, faults := access.InForce(access.ToClusters(answer.Roles), s.now())
	grants := map[string][]access.Grant{}
	for _, g := range valid {
		grants[g.Cluster.Name] = append(grants[g.Cluster.Name], g)
	}
	var managed []namespaced.Namespace
	for _, c := range defined.Clusters {
		if !c.ManagedClusterRoles || c.AutomationToken == nil {
			continue
		}
		managed = append(managed, namespaced.Namespace{
			Cluster: c.Cluster, Managed: []kubeapi.Managed{{Kind: access.ClusterRoleBinding}},
			Bodies: access.Bodies(access.ClusterRoleBinding, grants[c.Name], faults[c.Name]),
		})
	}
	return managed, nil
}
