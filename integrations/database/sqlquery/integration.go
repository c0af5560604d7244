// Package sqlquery runs SQL queries in the database instances of namespaces.
//
// What it keeps true: each query of app-interface has run once, as a Job in the namespace of its instance, whose logs have
// the result or say where it is; one with a schedule has a CronJob. Seven days after it was made all of it is gone, and a
// CronJob when its query is to be deleted, where deleting is enabled.
// Desired: the queries, and how far each is to come.
// Current: what state says of them, and of a Job that was not seen to end, whether it has.
// Writes: Jobs and CronJobs with psql or mysql, the ConfigMaps, Secrets and ServiceAccounts that they need, state.
// Reference module: reconcile/sql_query.py.
package sqlquery

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "sql-query"

const version = "1.1.0"

// enableDeletion is the flag without which nothing is deleted.
const enableDeletion = "enable-deletion"

// Definition describes the integration. Its scopes are queries, by their names.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:        Name,
		Summary:     "Runs SQL Queries against app-interface RDS resources.",
		Params:      []reconcile.Param{{Name: enableDeletion, Type: reconcile.Bool, Default: "false", Help: "delete the objects of queries that ran seven days ago, and CronJobs of queries that are to be deleted"}},
		Reads:       []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:      []reconcile.System{reconcile.Kubernetes},
		Every:       10 * time.Minute,
		LongRunning: true,
		Partition:   &reconcile.Partition{Roots: map[string]string{"queries": "name"}, Most: mostByThemselves},
		Guard:       plan.NeverDelete{},
		Build:       build,
	}
}

// mostByThemselves is the number of queries up to which a check runs the affected ones alone.
const mostByThemselves = 20

func build(set *clients.Set) (reconcile.Steps, error) {
	app, clusters := set.AppInterface(), set.Clusters()
	return reconcile.LongRun(&reconciler{
		at: func(s reconcile.Scope) session { return app.At(s) },
		connect: func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster) (jobs.Kubernetes, error) {
			return clusters.Connect(ctx, s, cluster, false)
		},
		secrets: set.Secrets(),
		state:   set.State(Name),
		now:     time.Now,
	}), nil
}

// session is what the integration needs of app-interface.
type session interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// store is what it needs of state.
type store interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	GetAll(ctx context.Context, prefix string) (map[string]state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
}

var (
	_ reconcile.LongRunning[Query] = (*reconciler)(nil)
	_ reconcile.Sharded            = (*reconciler)(nil)
	_ reconcile.Selective          = (*reconciler)(nil)
	_ reconcile.Sourced            = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) session
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error)
	secrets secret.Reader
	state   store
	now     func() time.Time
}

// place connects to the namespace of a query.
func (r *reconciler) place(ctx context.Context, s reconcile.Scope, q Query) (jobs.At, error) {
	client, err := r.connect(ctx, s, q.Cluster)
	return jobs.At{Place: q.Place, Client: client, Owner: kubeapi.Owner{Integration: Name, Version: version}}, err
}
