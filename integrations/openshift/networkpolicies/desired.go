package networkpolicies

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads from app-interface who lets whom in.
type source struct {
	at func(reconcile.Scope) graphql.Client
}

// namespaces returns those with a list of namespaces to let in.
//
// Differs from the reference: the policies of a namespace whose list has become empty are deleted, as its last entry is
// no longer allowed in. The reference passes such a namespace over.
func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	answer, err := NetworkPolicyNamespaces(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	var namespaces []namespaced.Namespace
	for _, n := range answer.Namespaces {
		if n.NetworkPoliciesAllow == nil || namespaced.IsTrue(n.Delete) || !namespaced.InShard(scope, n.Cluster.Name, n.Name) {
			continue
		}
		namespaces = append(namespaces, namespaced.Namespace{
			Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin), Managed: []kubeapi.Managed{{Kind: kind}},
			Bodies: func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) { return bodies(n) },
		})
	}
	return namespaces, nil
}

// bodies are the policies of a namespace. Traffic between clusters does not come from a namespace, so one of another
// cluster is a problem.
func bodies(n receiver) ([]namespaced.Body, error) {
	var problems reconcile.Problems
	var all []namespaced.Body
	for _, from := range n.NetworkPoliciesAllow {
		if from.Cluster.Name != n.Cluster.Name {
			problems = append(problems, apierr.Errorf(apierr.Invalid,
				"namespace %s in cluster %s: networkPoliciesAllow has namespace %s of cluster %s; only those of the same cluster can be let in, remove it",
				n.Name, n.Cluster.Name, from.Name, from.Cluster.Name))
			continue
		}
		all = append(all, namespaced.Body{Object: body(from.Name)})
	}
	return all, problems.ErrorOrNil()
}
