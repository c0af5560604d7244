package groups

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the members of the managed groups, and of the groups themselves those that are desired: a group is never
// deleted.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Member) ([]Member, error) {
	c, err := r.cluster(ctx, s)
	if err != nil {
		return nil, err
	}
	namespaced.MeasureDesired(metrics.From(ctx), s, "Group", len(c.ManagedGroups))
	client, err := r.connect(ctx, s, c)
	if err != nil {
		return nil, err
	}
	groups, err := client.ListGroups(ctx)
	if err != nil {
		return nil, err
	}
	var members []Member
	for _, g := range groups {
		if !slices.Contains(c.ManagedGroups, g.Name) || leftToOCM(c, g.Name) {
			continue
		}
		if group := (Member{Cluster: s.Name, Group: g.Name}); slices.Contains(desired, group) {
			members = append(members, group)
		}
		for _, user := range g.Users {
			members = append(members, Member{Cluster: s.Name, Group: g.Name, User: user})
		}
	}
	return members, nil
}
