package users

import (
	"context"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

var _ reconcile.Sourced = (*reconciler)(nil)

// Source reads clusters and roles, which is all that comes from app-interface: Desired also asks the cluster for its users.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.clusters(ctx, s); err != nil {
		return err
	}
	_, err := r.grants(ctx, s)
	return err
}

// Shards are the clusters that have a token. The others are still being made, or are not to be worked on.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	all, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	var covered []appinterface.Cluster
	for _, c := range all {
		if c.AutomationToken != nil {
			covered = append(covered, c.Cluster)
		}
	}
	return namespaced.ClusterNames(ctx, covered, s)
}

// Desired returns the users that the cluster has and that a role gives something there: nobody is created. A role whose
// expirationDate is no date is a problem, and so is a way to log in that is not known.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]User, error) {
	entitled, problems, err := r.entitled(ctx, s)
	if err != nil {
		return nil, err
	}
	managed, err := r.managed(ctx, s)
	if err != nil {
		return nil, err
	}
	users := slices.DeleteFunc(managed, func(u User) bool { return !entitled[u.Name] })
	return users, problems.ErrorOrNil()
}

// entitled are the names of those to whom roles give something in the cluster.
func (r *reconciler) entitled(ctx context.Context, s reconcile.Scope) (map[string]bool, reconcile.Problems, error) {
	grants, err := r.grants(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	valid, faults := access.InForce(grants, r.now())
	problems := faults[s.Name]
	entitled := map[string]bool{}
	for _, g := range valid {
		if g.Cluster.Name != s.Name {
			continue
		}
		names, err := g.UserNames()
		if err != nil {
			problems = append(problems, err)
		}
		for _, name := range names {
			entitled[name] = true
		}
	}
	return entitled, problems, nil
}

// grants are what gives people a reason to be known to a cluster: bindings in namespaces and memberships of groups.
func (r *reconciler) grants(ctx context.Context, s reconcile.Scope) ([]access.Grant, error) {
	answer, err := Roles(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return append(access.ToNamespaces(answer.Roles), access.ToGroups(answer.Roles)...), nil
}

// managed are the users of the cluster that app-interface manages.
func (r *reconciler) managed(ctx context.Context, s reconcile.Scope) ([]User, error) {
	c, client, err := r.client(ctx, s)
	if err != nil {
		return nil, err
	}
	live, err := client.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	var users []User
	for _, u := range live {
		if isManaged(c, u) {
			users = append(users, User{Cluster: s.Name, Name: u.Name})
		}
	}
	return users, nil
}

// isManaged says whether a user is one of app-interface's: no admin, and with an identity of GitHub, or of an identity
// provider that the cluster's datafile names.
func isManaged(c access.ManagedCluster, u kubeapi.User) bool {
	if u.Admin {
		return false
	}
	prefixes := []string{"github"}
	for _, auth := range c.Auth {
		if auth.Name != "" {
			prefixes = append(prefixes, auth.Name)
		}
	}
	return slices.ContainsFunc(u.Identities, func(identity string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(identity, prefix) })
	})
}

func (r *reconciler) clusters(ctx context.Context, s reconcile.Scope) ([]access.ManagedCluster, error) {
	answer, err := Clusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Clusters, nil
}

// client connects to the scope's cluster.
func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (access.ManagedCluster, cluster, error) {
	all, err := r.clusters(ctx, s)
	if err != nil {
		return access.ManagedCluster{}, nil, err
	}
	for _, c := range all {
		if c.Name == s.Name {
			client, err := r.connect(ctx, s, c)
			return c, client, err
		}
	}
	return access.ManagedCluster{}, nil, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s any more", s.Name)
}
