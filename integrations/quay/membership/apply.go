package membership

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses members who have no account.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Entry]) error {
	if c.Action != plan.Create || c.Desired.Member == "" {
		return nil
	}
	o, client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	exists, err := client.UserExists(ctx, o.Name, c.Desired.Member)
	if err == nil && !exists {
		err = apierr.Errorf(apierr.Invalid, "%s is neither a Quay user nor a robot of %s; correct the quay_username", c.Desired.Member, o.Name)
	}
	return err
}

// Apply creates a team, or adds or removes a member.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Entry]) error {
	o, client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	switch c.Action {
	case plan.Create:
		if c.Desired.Member == "" {
			return client.CreateTeam(ctx, o.Name, c.Desired.Team)
		}
		return client.AddTeamMember(ctx, o.Name, c.Desired.Team, c.Desired.Member)
	case plan.Delete:
		return client.RemoveTeamMember(ctx, o.Name, c.Current.Team, c.Current.Member)
	case plan.Update:
	}
	return nil
}
