package namespaces

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/sharding"
)

// Shards are the clusters that have a namespace of this run.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	wanted, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	clusters := make([]appinterface.Cluster, len(wanted))
	for i, n := range wanted {
		clusters[i] = n.Cluster
	}
	return namespaced.ClusterNames(clusters, s), nil
}

// Desired returns the namespaces that are to exist. Definitions of one namespace that contradict each other are a
// problem, and the namespace is left as it is.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Namespace, error) {
	definitions, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	present, _, conflicts := split(definitions)
	var problems reconcile.Problems
	for _, name := range conflicts {
		problems = append(problems, fmt.Errorf("namespace %s in cluster %s is defined more than once, with and without delete; make the definitions agree", name, s.Name))
	}
	items := make([]Namespace, len(present))
	for i, name := range present {
		items[i] = Namespace{Cluster: s.Name, Name: name}
	}
	return items, problems.ErrorOrNil()
}

// split sorts the names of one cluster's namespaces, in the order of their definitions: those to exist, those to be
// gone, and those of which one definition says the one and another the other.
func split(definitions []namespace) (present, absent, conflicts []string) {
	flags := map[string][2]bool{}
	for _, n := range definitions {
		flag := flags[n.Name]
		if namespaced.IsTrue(n.Delete) {
			flag[1] = true
		} else {
			flag[0] = true
		}
		flags[n.Name] = flag
	}
	for _, n := range definitions {
		flag, first := flags[n.Name]
		if !first {
			continue
		}
		delete(flags, n.Name)
		switch {
		case flag[0] && flag[1]:
			conflicts = append(conflicts, n.Name)
		case flag[0]:
			present = append(present, n.Name)
		default:
			absent = append(absent, n.Name)
		}
	}
	return present, absent, conflicts
}

// namespaces returns the definitions of this run: of the scope's cluster where there is one, of the flags'
// namespaces, and of the run's shard.
func (r *reconciler) namespaces(ctx context.Context, s reconcile.Scope) ([]namespace, error) {
	answer, err := Namespaces(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	shards, shard := max(1, s.Args.Int("shards")), s.Args.Int("shard-id")
	var wanted []namespace
	for _, n := range answer.Namespaces {
		key := n.Cluster.Name + "/" + n.Name
		if (s.Name == "" || n.Cluster.Name == s.Name) && s.Args.Allows("namespace-name", n.Name) && sharding.Hash(key, shards) == shard {
			wanted = append(wanted, n)
		}
	}
	return wanted, nil
}
