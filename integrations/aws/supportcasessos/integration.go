// Package supportcasessos asks for the deletion of access keys that AWS found in public.
//
// What it keeps true: for each access key that AWS reported as exposed and that is still there, a merge request is open
// that adds it to the deleteKeys of its account, where aws-iam-keys picks it up.
// Desired: keys that the support cases of an account with premiumSupport name, that a user of the account has, and that
// deleteKeys does not list yet.
// Current: those of them whose merge request is open, or in. A queue does not tell, so that each run leaves its message
// again.
// Writes: merge requests in app-interface's repository, or messages in the queue for them. A request adds the key to the
// account's datafile, and the datafile of an email that tells the owners.
// Reference module: reconcile/aws_support_cases_sos.py.
package supportcasessos

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/requests"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "aws-support-cases-sos"

// Definition describes the integration. Its scopes are AWS accounts, by their names.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Asks for the deletion of access keys that AWS support cases report as exposed.",
		Params:  []reconcile.Param{reconcile.GitLabProjectID(), reconcile.ThreadPoolSize()},
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.AWS, reconcile.GitLab},
		Writes:  []reconcile.System{reconcile.GitLab},
		Every:   10 * time.Minute,
		Guard:   plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, pool := set.AppInterface(), set.AWS()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: func(ctx context.Context, access awsapi.Access) (aws, error) { return pool.Connect(ctx, access) },
				Requests: requests.Requests[ExposedKey]{
					To: func(s reconcile.Scope) requests.Destination { return set.MergeRequests(s) }, Of: request,
				},
			}), nil
		},
	}
}

// aws is what the integration needs of an account.
type aws interface {
	ListCasesWithMessages(ctx context.Context) ([]awsapi.Case, error)
	ListUsers(ctx context.Context) ([]string, error)
	ListAccessKeys(ctx context.Context, user string) ([]awsapi.AccessKeyState, error)
}

var (
	_ aws = (*awsapi.Client)(nil)

	_ reconcile.Sourced = (*reconciler)(nil)
	_ reconcile.Sharded = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, access awsapi.Access) (aws, error)
	requests.Requests[ExposedKey]
}
