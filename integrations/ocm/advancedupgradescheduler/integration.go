// Package advancedupgradescheduler schedules the upgrades of clusters by the labels that their owners give them in OCM.
//
// What it keeps true: as ocm-upgrade-scheduler-org, of clusters whose rules are in labels. Owners whose labels are wrong
// are told so.
// Desired: the upgrades that begin within two hours, by labels of the clusters' subscriptions and of their organisation;
// where labels are wrong in place of them a service log for each cluster that it concerns.
// Current: planned upgrades that are not wanted any more, those that are wanted and there, and service logs of the last
// day.
// Writes: upgrade policies and service logs in OCM, version data and approvals in state.
// Reference module: reconcile/aus/advanced_upgrade_service.py, with base.py.
package advancedupgradescheduler

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "advanced-upgrade-scheduler"

// ignoreSTS is the flag that leaves out clusters which work with short-lived credentials of AWS.
const ignoreSTS = "ignore-sts-clusters"

// Definition describes the integration. Its scopes are the OCM organisations of app-interface, by their names. Since a
// scope has one workflow at a time, nobody else counts an organisation's soak days meanwhile. Each upgrade has a workflow
// that follows it to its end. A person has to approve it first where a label or a flag says so.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manage Cluster Upgrade Policy schedules in OCM organizations based on OCM labels.",
		Params: append(scheduling.Params(),
			reconcile.Param{Name: scheduling.OCMEnv, Type: reconcile.String, Env: "AUS_OCM_ENV", Help: "only the OCM environment with this name; without it all of them"},
			reconcile.Param{Name: ignoreSTS, Type: reconcile.Bool, Default: "false", Env: "IGNORE_STS_CLUSTERS", Help: "leave out clusters that use AWS STS"},
		),
		Reads:    []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Prometheus},
		Writes:   []reconcile.System{reconcile.OCM},
		Every:    5 * time.Minute,
		Sharding: reconcile.PerOCMOrganization,
		Follows:  true,
		Guard:    plan.MaxDeletes{Fraction: 1},
		Build:    build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app, pool := set.AppInterface(), set.OCM()
	in := labelled{
		at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
		connect: func(ctx context.Context, access ocmapi.Access) (ocm, error) { return pool.Connect(ctx, access) },
	}
	return reconcile.Reconcile(scheduling.Following{Scheduler: &scheduling.Scheduler{
		From: in, Kind: scheduling.Clusters{}, Teller: in, OCM: pool, Prometheus: set.Prometheus(), State: set.State(Name),
	}}), nil
}

// ocm is what the integration needs of an OCM, besides what all do that schedule upgrades.
type ocm interface {
	Now(ctx context.Context) (time.Time, error)
	ListLabels(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Label, error)
	ListSubscriptions(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Subscription, error)
	ListServiceLogs(ctx context.Context, condition ocmapi.Search) ([]ocmapi.ServiceLog, error)
	CreateServiceLog(ctx context.Context, log ocmapi.ServiceLog) error
}

var _ ocm = (*ocmapi.Client)(nil)

// labelled is where the rules are labels, and service logs say what is wrong with them.
type labelled struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, ocmapi.Access) (ocm, error)
}

var (
	_ scheduling.Source = labelled{}
	_ scheduling.Teller = labelled{}
)

// open connects to an organisation's OCM in the name of its environment, who may read the labels of all its customers and
// write to them.
func (r labelled) open(ctx context.Context, in scheduling.Organization) (ocm, error) {
	return r.connect(ctx, ocmapi.AccessOf(in.In, ocmapi.Own{}))
}
