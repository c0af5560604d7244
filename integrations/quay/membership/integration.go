// Package membership keeps the members of Quay teams.
//
// What it keeps true: each team that a permission names exists, and each managed team has exactly the members that
// the roles with its permissions give it.
// Desired: users and bots of the roles that carry a quay-membership permission and have not expired.
// Current: members and invited members of the organisations' managedTeams.
// Writes: teams and team members of Quay organisations.
// Reference module: reconcile/quay_membership.py.
package membership

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Name is the integration's name.
const Name = "quay-membership"

// Definition describes the integration. Its scopes are organisations, named <instance>/<organisation>.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Configures the teams and members in Quay.",
		Params:  []reconcile.Param{reconcile.ThreadPoolSize()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Quay},
		Writes:  []reconcile.System{reconcile.Quay},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, pool := set.AppInterface(), set.Quay()
			return reconcile.Reconcile(&reconciler{
				at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, url string, token secret.Ref) (quay, error) {
					return pool.Connect(ctx, url, token)
				},
			}), nil
		},
	}
}

// quay is what the integration needs of an instance.
type quay interface {
	ListTeamMembers(ctx context.Context, org, team string) ([]string, error)
	UserExists(ctx context.Context, org, name string) (bool, error)
	CreateTeam(ctx context.Context, org, team string) error
	AddTeamMember(ctx context.Context, org, team, member string) error
	RemoveTeamMember(ctx context.Context, org, team, member string) error
}

var _ quay = (*quayapi.Client)(nil)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, url string, token secret.Ref) (quay, error)
}
