// Package integrationsmanager runs the other integrations: it keeps their schedules in Temporal, and on clusters the
// workers that take their runs.
//
// What it keeps true: every integration that app-interface gives to us has its schedules, and every group of workers of a
// namespace its Deployment, of the image that app-interface names.
// Desired: what internal/fleet makes of the integrations' datafiles: schedules, and per group of workers a Deployment.
// Current: the schedules that we made, and the Deployments and Services that we made in these namespaces.
// Writes: schedules; Deployments and Services. It never deletes its own schedule, nor the last workers that run it.
// Reference module: reconcile/integrations_manager.py.
package integrationsmanager

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "integrations-manager"

const version = "0.1.0"

// defaultImage is the workers' image where no flag names one.
const defaultImage = "quay.io/app-sre/qontract-temporal"

// Definition describes the integration, which runs those of all families, itself too. Its scopes are the schedules, and
// clusters.
func Definition(all func() []reconcile.Family) reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages the schedules of integrations, and their workers on clusters.",
		Params: []reconcile.Param{
			{Name: "environment-name", Type: reconcile.String, Env: "ENVIRONMENT_NAME", Help: "only what runs in this environment"},
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
			{Name: "image-tag-from-ref", Type: reconcile.Strings, Env: "INTEGRATIONS_MANAGER_IMAGE_TAG_FROM_REF", Help: "commit that the image of an environment is made from, as ENVIRONMENT=COMMIT"},
			{Name: "upstream", Type: reconcile.String, Default: fleet.Upstream, Env: "INTEGRATIONS_MANAGER_UPSTREAM", Help: "upstream that the datafiles of the integrations name"},
			{Name: "image", Type: reconcile.String, Default: defaultImage, Env: "INTEGRATIONS_MANAGER_IMAGE", Help: "image of the workers, without its tag"},
		},
		Reads:  []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes, reconcile.Temporal},
		Writes: []reconcile.System{reconcile.Kubernetes, reconcile.Temporal},
		Every:  10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			registry, err := reconcile.NewRegistry(all()...)
			if err != nil {
				return reconcile.Steps{}, err
			}
			app, clusters := set.AppInterface(), set.Clusters()
			return reconcile.Reconcile(&reconciler{
				registry: registry,
				at:       func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (*kubeapi.Client, error) {
					return clusters.Connect(ctx, s, c, false)
				},
				temporal: func() (*temporalapi.Client, error) { return set.Temporal(Name) },
			}), nil
		},
	}
}

type reconciler struct {
	registry *reconcile.Registry
	at       func(reconcile.Scope) graphql.Client
	connect  func(context.Context, reconcile.Scope, appinterface.Cluster) (*kubeapi.Client, error)
	temporal func() (*temporalapi.Client, error)
}

var (
	_ reconcile.Reconciler[Item] = (*reconciler)(nil)
	_ reconcile.Sharded          = (*reconciler)(nil)
	_ reconcile.Sourced          = (*reconciler)(nil)
	_ reconcile.Vetter[Item]     = (*reconciler)(nil)
)

// owner stamps the objects.
//
// Differs from the reference: the stamps always have a caller. Without --upstream the reference writes none, and deletes
// what any caller made; run with it, either system leaves the other's objects alone.
func owner(args plan.Args) kubeapi.Owner {
	return kubeapi.Owner{Integration: Name, Version: version, Caller: args.String("upstream")}
}
