// Package addonsupgradeteststrigger has add-ons tested when they have been upgraded.
//
// What it keeps true: the Jenkins jobs that test an add-on have been built once for each version of it that all clusters of
// an OCM organisation have come to.
// Desired: the version of each add-on that has such jobs, where all clusters of the organisation run the same one.
// Current: the version for which the jobs were built last, in state.
// Writes: builds in Jenkins, and the version in state.
// Reference module: reconcile/ocm_addons_upgrade_tests_trigger.py.
package addonsupgradeteststrigger

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/jenkinsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Name is the integration's name.
const Name = "ocm-addons-upgrade-tests-trigger"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Trigger jenkins jobs following Addon upgrades.",
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Jenkins},
		Writes:  []reconcile.System{reconcile.Jenkins},
		Every:   5 * time.Minute,
		Guard:   plan.NeverDelete{},
		Build:   build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, managers, instances := set.AppInterface(), set.OCM(), set.Jenkins()
	return reconcile.Reconcile(&reconciler{
		at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
		manager: func(ctx context.Context, access ocmapi.Access) (manager, error) { return managers.Connect(ctx, access) },
		jenkins: func(ctx context.Context, name string, token secret.Ref) (jenkins, error) {
			return instances.Connect(ctx, name, token)
		},
		state: set.State(Name),
	}), nil
}

// manager is what the integration needs of an OCM.
type manager interface {
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
	ListAddonInstallations(ctx context.Context, service ocmapi.AddonService, cluster string, condition ocmapi.Search) ([]ocmapi.AddonInstallation, error)
}

// jenkins is what it needs of a Jenkins instance.
type jenkins interface {
	GetJob(ctx context.Context, name string) (jenkinsapi.Job, error)
	Build(ctx context.Context, name string) error
}

// memory is what it needs of state.
type memory interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
	Remove(ctx context.Context, key string) error
}

var (
	_ reconcile.Sharded = (*reconciler)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	manager func(context.Context, ocmapi.Access) (manager, error)
	jenkins func(context.Context, string, secret.Ref) (jenkins, error)
	state   memory
}
