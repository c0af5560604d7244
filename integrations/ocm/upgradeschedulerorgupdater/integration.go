// Package upgradeschedulerorgupdater asks for rules for the upgrades of clusters that are new in OCM.
//
// What it keeps true: the upgradePolicyClusters of an OCM organisation with upgradePolicyDefaults are its clusters in OCM;
// where they are not, a merge request is open that says so.
// Desired: the clusters to add, each with the policy of the first default whose matchLabels are among the labels of its
// external configuration, and the entries to remove, of clusters that OCM does not have.
// Current: what is desired, where its merge request is open, or in. A queue does not tell, so that each run leaves its
// message again.
// Writes: merge requests in app-interface's repository, or messages in the queue for them.
// Reference module: reconcile/ocm_upgrade_scheduler_org_updater.py.
package upgradeschedulerorgupdater

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/requests"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "ocm-upgrade-scheduler-org-updater"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface. A request that
// removes more than one cluster, and more than half of an organisation's, waits for approval.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Update Upgrade Policy schedules in OCM organizations.",
		Params:  []reconcile.Param{reconcile.GitLabProjectID()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.GitLab},
		Writes:  []reconcile.System{reconcile.GitLab},
		Every:   10 * time.Minute,
		Guard:   plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, pool := set.AppInterface(), set.OCM()
			return reconcile.Reconcile(&reconciler{
				at:        func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect:   func(ctx context.Context, access ocmapi.Access) (ocm, error) { return pool.Connect(ctx, access) },
				templates: template.New(set),
				Requests: requests.Requests[Update]{
					To: func(s reconcile.Scope) requests.Destination { return set.MergeRequests(s) }, Of: request,
				},
			}), nil
		},
	}
}

// ocm is what the integration needs of an OCM.
type ocm interface {
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
	ListExternalLabels(ctx context.Context, cluster string) (map[string]string, error)
}

var (
	_ ocm = (*ocmapi.Client)(nil)

	_ reconcile.Sharded          = (*reconciler)(nil)
	_ reconcile.Sourced          = (*reconciler)(nil)
	_ reconcile.Vetter[Update]   = (*reconciler)(nil)
	_ reconcile.Approver[Update] = (*reconciler)(nil)
)

type reconciler struct {
	at        func(reconcile.Scope) graphql.Client
	connect   func(ctx context.Context, access ocmapi.Access) (ocm, error)
	templates *template.Renderer
	requests.Requests[Update]
}
