package rolebindings

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads namespaces and roles from app-interface.
type source struct {
	at  func(reconcile.Scope) graphql.Client
	now func() time.Time
}

// place is a namespace of a cluster.
type place struct{ cluster, namespace string }

// namespaces returns the namespaces of the run's shard whose roles are managed, each with its bindings. Of several
// definitions of one namespace the first counts.
func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	defined, err := Namespaces(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	answer, err := Roles(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	valid, faults := access.InForce(access.ToNamespaces(answer.Roles), s.now())
	grants := map[place][]access.Grant{}
	for _, g := range valid {
		at := place{g.Cluster.Name, g.Namespace}
		grants[at] = append(grants[at], g)
	}
	var namespaces []namespaced.Namespace
	seen := map[place]bool{}
	for _, n := range defined.Namespaces {
		at := place{n.Cluster.Name, n.Name}
		if !namespaced.IsTrue(n.ManagedRoles) || namespaced.IsTrue(n.Delete) || seen[at] || !namespaced.InShard(scope, at.cluster, at.namespace) {
			continue
		}
		seen[at] = true
		managed, err := kubeapi.ManagedTypes{Names: n.ManagedResourceNames}.Kinds([]string{access.RoleBinding})
		if err != nil {
			return nil, err
		}
		namespaces = append(namespaces, namespaced.Namespace{
			Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin),
			Managed: managed, Bodies: access.Bodies(access.RoleBinding, grants[at], nil),
		})
		if len(faults[at.cluster]) > 0 {
			// They are told whichever of the cluster's namespaces exist.
			namespaces = append(namespaces, namespaced.Namespace{Cluster: n.Cluster, Bodies: access.Bodies(access.RoleBinding, nil, faults[at.cluster])})
			delete(faults, at.cluster)
		}
	}
	return namespaces, nil
}
