// Package updaterecommendedversion asks for the versions of OpenShift that new clusters should get.
//
// What it keeps true: the recommendedVersions of an OCM organisation are what its clusters run, by workload and channel;
// where they are not, a merge request is open that says so.
// Desired: of each workload and channel of the clusters with rules for upgrades the highest version or the one that most
// of them run, by recommendedVersionWeight; nothing where the datafile has them already.
// Current: what is desired, where its merge request is open, or in. A queue does not tell, so that each run leaves its
// message again.
// Writes: merge requests in app-interface's repository, or messages in the queue for them.
// Reference module: reconcile/ocm_update_recommended_version.py.
package updaterecommendedversion

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/requests"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "ocm-update-recommended-version"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Update recommended version for OCM orgs.",
		Params:  []reconcile.Param{reconcile.GitLabProjectID()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.GitLab},
		Writes:  []reconcile.System{reconcile.GitLab},
		Every:   10 * time.Minute,
		Guard:   plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, pool := set.AppInterface(), set.OCM()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, access ocmapi.Access) (ocm, error) { return pool.Connect(ctx, access) },
				Requests: requests.Requests[Recommendation]{
					To: func(s reconcile.Scope) requests.Destination { return set.MergeRequests(s) }, Of: request,
				},
			}), nil
		},
	}
}

// ocm is what the integration needs of an OCM.
type ocm interface {
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
}

var (
	_ ocm = (*ocmapi.Client)(nil)

	_ reconcile.Sourced                = (*reconciler)(nil)
	_ reconcile.Sharded                = (*reconciler)(nil)
	_ reconcile.Vetter[Recommendation] = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, access ocmapi.Access) (ocm, error)
	requests.Requests[Recommendation]
}
