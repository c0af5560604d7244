// Package versiongateapprover agrees to OCM's version gates for clusters, once what a gate is about has been done.
//
// What it keeps true: a cluster with labels for upgrades has agreed to the gates on its way to the minor versions that OCM
// offers, as far as its label sre-capabilities.aus.version-gate-approvals names their kinds; where it has none that is
// gate-ocp. Before gate-sts of a classic ROSA cluster the roles in its AWS account are upgraded.
// Desired: those gates.
// Current: the ones that are agreed to. Agreements are never taken back.
// Writes: agreements in OCM; Jobs of the ROSA command line, which change roles in AWS.
// Reference module: reconcile/aus/version_gate_approver.py, with aus/version_gates.
package versiongateapprover

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Name is the integration's name, and the one in the annotation of Jobs.
const Name = "version-gate-approver"

const version = "0.1.0"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface. The upgrade of
// roles takes its time, and each cluster's has a workflow of its own.
//
// Differs from the reference: the flags about Jobs are needed where roles are to be upgraded, and nowhere else.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Approves OCM cluster upgrade version gates.",
		Params:  rosa.Params(),
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Kubernetes},
		Writes:  []reconcile.System{reconcile.OCM, reconcile.Kubernetes},
		Every:   10 * time.Minute,
		Follows: true,
		Guard:   plan.NeverDelete{},
		Build:   build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, pool, clusters := set.AppInterface(), set.OCM(), set.Clusters()
	return reconcile.Reconcile(&reconciler{
		at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
		connect: func(ctx context.Context, access ocmapi.Access) (ocm, error) { return pool.Connect(ctx, access) },
		kubernetes: func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster) (jobs.Kubernetes, error) {
			return clusters.Connect(ctx, s, cluster, false)
		},
		now: time.Now,
	}), nil
}

// ocm is what the integration needs of an OCM.
type ocm interface {
	ListLabels(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Label, error)
	ListSubscriptions(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Subscription, error)
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
	ListVersionGates(ctx context.Context) ([]ocmapi.VersionGate, error)
	ListGateAgreements(ctx context.Context, cluster string) ([]string, error)
	AgreeToGate(ctx context.Context, cluster, gate string) error
	AccessToken(ctx context.Context) (secret.Value, error)
}

var (
	_ ocm = (*ocmapi.Client)(nil)

	_ reconcile.Follower[Item] = (*reconciler)(nil)
	_ reconcile.Sharded        = (*reconciler)(nil)
	_ reconcile.Sourced        = (*reconciler)(nil)
	_ reconcile.Vetter[Item]   = (*reconciler)(nil)
)

type reconciler struct {
	at         func(reconcile.Scope) graphql.Client
	connect    func(context.Context, ocmapi.Access) (ocm, error)
	kubernetes func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error)
	now        func() time.Time
}
