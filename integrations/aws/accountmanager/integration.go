// Package accountmanager makes AWS accounts and sets them up.
//
// What it keeps true: each account that is asked for is made once in the organisation of its payer account, has a user
// whose access key is in Vault, and a merge request that adds its file to app-interface. Each account that
// app-interface has is tagged, is in its organisational unit, has enterprise support where it should, its alias, quotas,
// security contact and regions.
// Desired: one step for each of these, of the account requests and accounts.
// Current: what state says was done, as the reference writes it; besides, whether the access key is in Vault, and the
// merge request in GitLab. AWS is asked nothing while there is nothing to do.
// Writes: AWS accounts and what is in them, the secret of the initial user in Vault, merge requests in app-interface's
// repository, state. Nothing is deleted but access keys that an earlier attempt made and could not store, and tags that
// were set here and are not wanted any more.
// Reference module: reconcile/aws_account_manager.
package accountmanager

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Name is the integration's name.
const Name = "aws-account-manager"

// Definition describes the integration. Its scopes are accounts: <payer>/<account> in an organisation, asked for or
// there, and <account> outside of one, which payer accounts are themselves.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:        Name,
		Summary:     "Creates and manages AWS accounts.",
		Params:      params(),
		Reads:       []reconcile.System{reconcile.AppInterface, reconcile.AWS, reconcile.GitLab, reconcile.Vault},
		Writes:      []reconcile.System{reconcile.AWS, reconcile.GitLab, reconcile.Vault},
		Every:       time.Hour,
		Profile:     workflows.Quick,
		LongRunning: true,
		Guard:       plan.NeverDelete{},
		Build:       build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, pool, toggles := set.AppInterface(), set.AWS(), set.Toggles()
	return reconcile.LongRun(&reconciler{
		at: func(s reconcile.Scope) session { return app.At(s) },
		connect: func(ctx context.Context, access awsapi.Access) (aws, error) {
			return pool.Connect(ctx, access)
		},
		requests: func(s reconcile.Scope) requests {
			return mergerequest.Source{AppInterface: app.At(s), GitLab: set.GitLab()}
		},
		secrets: set.SecretStore(),
		state:   set.State(Name),
		toggled: toggles.Enabled,
		now:     time.Now,
	}), nil
}

// session is what the integration needs of app-interface.
type session interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// requests is where merge requests go.
type requests interface {
	AppInterfaceRepository(ctx context.Context, allow mergerequest.Allow) (*mergerequest.Direct, error)
	RepositoryInputs(ctx context.Context) error
}

// secretStore is what it needs of the Vault that new secrets are kept in.
type secretStore interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

// store is what it needs of state.
type store interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
}

var (
	_ session     = (*appinterface.Session)(nil)
	_ aws         = (*awsapi.Client)(nil)
	_ requests    = mergerequest.Source{}
	_ secretStore = clients.SecretStore{}
	_ store       = (*state.Store)(nil)
)

var (
	_ reconcile.LongRunning[Step] = (*reconciler)(nil)
	_ reconcile.Sharded           = (*reconciler)(nil)
	_ reconcile.Sourced           = (*reconciler)(nil)
)

type reconciler struct {
	at       func(reconcile.Scope) session
	connect  func(context.Context, awsapi.Access) (aws, error)
	requests func(reconcile.Scope) requests
	secrets  secretStore
	state    store
	toggled  func(ctx context.Context, toggle string, fallback bool) bool
	now      func() time.Time
}
