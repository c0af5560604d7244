package namespaces

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
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
	return namespaced.ClusterNames(ctx, clusters, s)
}

// Desired returns the namespaces that are to exist, and those whose definitions contradict each other.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Namespace, error) {
	definitions, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	present, _, disputed := split(definitions)
	items := make([]Namespace, 0, len(present)+len(disputed))
	for _, name := range present {
		items = append(items, Namespace{Cluster: s.Name, Name: name})
	}
	for _, name := range disputed {
		items = append(items, Namespace{Cluster: s.Name, Name: name, Disputed: true})
	}
	return items, nil
}

// split sorts the names of one cluster's namespaces, in the order of their definitions: those to exist, those to be
// gone, and those of which one definition says the one and another the other.
//
// Differs from the reference: it compares the flags of the last duplicate only, and acts on the contradictions of the others.
func split(definitions []namespace) (present, absent, disputed []string) {
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
			disputed = append(disputed, n.Name)
		case flag[0]:
			present = append(present, n.Name)
		default:
			absent = append(absent, n.Name)
		}
	}
	return present, absent, disputed
}

// namespaces returns the definitions of this run: of the scope's cluster where there is one, of the flags'
// namespaces, and of the run's shard.
func (r *reconciler) namespaces(ctx context.Context, s reconcile.Scope) ([]namespace, error) {
	answer, err := Namespaces(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var wanted []namespace
	for _, n := range answer.Namespaces {
		if (s.Name == "" || n.Cluster.Name == s.Name) && s.Args.Allows("namespace-name", n.Name) && namespaced.InShard(s, n.Cluster.Name, n.Name) {
			wanted = append(wanted, n)
		}
	}
	return wanted, nil
}
