package membership

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the teams that are read side by side.
const readsAtOnce = 10

// Current returns the members of the managed teams, and of the teams themselves those that are desired: a team is
// never deleted.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Entry) ([]Entry, error) {
	o, client, err := r.client(ctx, s)
	if err != nil {
		return nil, err
	}
	teams := make([][]Entry, len(o.ManagedTeams))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, team := range o.ManagedTeams {
		group.Go(func() error {
			names, err := client.ListTeamMembers(ctx, o.Name, team)
			if apierr.Is(err, apierr.Missing) {
				return nil
			}
			if err != nil {
				return err
			}
			if entry := (Entry{Org: s.Name, Team: team}); slices.Contains(desired, entry) {
				teams[i] = append(teams[i], entry)
			}
			for _, name := range names {
				teams[i] = append(teams[i], Entry{Org: s.Name, Team: team, Member: name})
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(teams...), nil
}

func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (org, quay, error) {
	o, err := r.org(ctx, s)
	if err != nil {
		return org{}, nil, err
	}
	client, err := r.connect(ctx, o.Instance.Url, *o.AutomationToken)
	return o, client, err
}
