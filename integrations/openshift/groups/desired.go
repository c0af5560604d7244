package groups

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/sharding"
)

// Shards are the clusters of the run's shard that have managed groups, and those in which a role names a group all the
// same: there the fault has to be reported.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	all, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	grants, err := r.grants(ctx, s)
	if err != nil {
		return nil, err
	}
	shards, shard := max(1, s.Args.Int("shards")), s.Args.Int("shard-id")
	var covered []appinterface.Cluster
	for _, c := range all {
		named := slices.ContainsFunc(grants, func(g access.Grant) bool { return g.Cluster.Name == c.Name })
		if (named || len(c.ManagedGroups) > 0) && sharding.Hash(c.Name, shards) == shard {
			covered = append(covered, c.Cluster)
		}
	}
	return namespaced.ClusterNames(ctx, covered, s)
}

// Desired returns the groups that roles name in the cluster, and their members. A group that is not managed and a role
// whose expirationDate is no date are problems.
//
// Differs from the reference: a group that is not managed is a problem of its cluster. There it fails the run before
// anything is done in any cluster.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Member, error) {
	c, err := r.cluster(ctx, s)
	if err != nil {
		return nil, err
	}
	all, err := r.grants(ctx, s)
	if err != nil {
		return nil, err
	}
	valid, faults := access.InForce(all, r.now())
	problems := faults[s.Name]
	var members []Member
	seen := map[Member]bool{}
	add := func(m Member) bool {
		first := !seen[m]
		seen[m] = true
		return first
	}
	for _, g := range valid {
		group := Member{Cluster: s.Name, Group: g.Name}
		switch {
		case g.Cluster.Name != s.Name || leftToOCM(c, g.Name):
			continue
		case !slices.Contains(c.ManagedGroups, g.Name):
			if add(group) {
				problems = append(problems, apierr.Errorf(apierr.Invalid, "role %s: group %s is not one of the managedGroups of cluster %s; add it there", g.Role.Name, g.Name, s.Name))
			}
			continue
		}
		names, err := g.UserNames()
		if err != nil {
			problems = append(problems, err)
		}
		// A group that nobody is to be in is not made.
		if len(names) > 0 && add(group) {
			members = append(members, group)
		}
		for _, name := range names {
			if m := (Member{Cluster: s.Name, Group: g.Name, User: name}); add(m) {
				members = append(members, m)
			}
		}
	}
	return members, problems.ErrorOrNil()
}

// leftToOCM says whether the group is one that OpenShift Cluster Manager keeps the members of.
func leftToOCM(c access.ManagedCluster, group string) bool {
	return c.OCM != nil && (group == "dedicated-admins" || group == "cluster-admins")
}

func (r *reconciler) grants(ctx context.Context, s reconcile.Scope) ([]access.Grant, error) {
	answer, err := Roles(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return access.ToGroups(answer.Roles), nil
}

func (r *reconciler) clusters(ctx context.Context, s reconcile.Scope) ([]access.ManagedCluster, error) {
	answer, err := Clusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Clusters, nil
}

// cluster returns the scope's cluster.
func (r *reconciler) cluster(ctx context.Context, s reconcile.Scope) (access.ManagedCluster, error) {
	all, err := r.clusters(ctx, s)
	if err != nil {
		return access.ManagedCluster{}, err
	}
	for _, c := range all {
		if c.Name == s.Name {
			return c, nil
		}
	}
	return access.ManagedCluster{}, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s any more", s.Name)
}
