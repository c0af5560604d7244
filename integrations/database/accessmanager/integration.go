// Package accessmanager makes databases and users in the database instances of namespaces.
//
// What it keeps true: each access that an RDS instance of a namespace lists is a user with a password in Vault and in a
// Secret of the namespace, has its database and a schema of its own there, and may do with the tables of other schemas what
// the access says. One that is to be deleted is no user any more.
// Desired: the accesses of all instances.
// Current: what state says was made, as the reference writes it. Clusters are asked nothing while there is nothing to do.
// Writes: Secrets, a ServiceAccount and a Job with psql in the namespace, which are taken away again but for the user's
// Secret; by the Job databases, users and grants; secrets in Vault; state.
// Reference module: reconcile/database_access_manager.py.
package accessmanager

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "database-access-manager"

const version = "0.1.0"

// vaultPath is the flag with the folder in Vault.
const vaultPath = "vault-output-path"

// Definition describes the integration. Its scopes are accesses, by their names.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:        Name,
		Summary:     "Manage Databases and Database Users.",
		Params:      []reconcile.Param{{Name: vaultPath, Type: reconcile.String, Help: "path in Vault below which the users' connections are stored"}},
		Reads:       []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.Vault},
		Writes:      []reconcile.System{reconcile.Kubernetes, reconcile.Vault},
		Every:       10 * time.Minute,
		LongRunning: true,
		Guard:       plan.DefaultGuard(),
		Build:       build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, clusters := set.AppInterface(), set.Clusters()
	return reconcile.LongRun(&reconciler{
		at: func(s reconcile.Scope) session { return app.At(s) },
		connect: func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster) (jobs.Kubernetes, error) {
			return clusters.Connect(ctx, s, cluster, false)
		},
		secrets: set.Secrets(),
		vault:   set.SecretStore(),
		state:   set.State(Name),
		now:     time.Now,
	}), nil
}

// session is what the integration needs of app-interface.
type session interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// secretStore is what it needs of the Vault that new secrets are kept in.
type secretStore interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

// store is what it needs of state.
type store interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	GetAll(ctx context.Context, prefix string) (map[string]state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
}

var (
	_ reconcile.LongRunning[Access] = (*reconciler)(nil)
	_ reconcile.Sharded             = (*reconciler)(nil)
	_ reconcile.Selective           = (*reconciler)(nil)
	_ reconcile.Sourced             = (*reconciler)(nil)
	_ reconcile.Vetter[Access]      = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) session
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error)
	secrets secret.Reader
	vault   secretStore
	state   store
	now     func() time.Time
}

func owner() kubeapi.Owner { return kubeapi.Owner{Integration: Name, Version: version} }
