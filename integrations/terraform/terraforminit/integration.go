// Package terraforminit prepares AWS accounts for Terraform.
//
// What it keeps true: each account that Terraform is to work in has a bucket for Terraform's state, and a merge request
// for, or in app-interface's repository, a template collection that adds the bucket to the account's datafile.
// Desired: a bucket and a template collection for each account with a terraformUsername and without terraformState.
// Current: the bucket of that name in the account, and the open merge request for the account or the collection in the
// repository. Nothing is ever deleted.
// Writes: S3 buckets, named terraform-<account>, and merge requests in app-interface's repository.
// Reference module: reconcile/terraform_init.
package terraforminit

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "terraform-init"

// The integration's flags.
const (
	accountFlag    = "account-name"
	templateFlag   = "state-tmpl-resource"
	collectionFlag = "template-collection-root-path"
)

// Definition describes the integration. Its scopes are AWS accounts, by their names.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Initialises AWS accounts for Terraform.",
		Params: []reconcile.Param{
			{Name: accountFlag, Type: reconcile.String, Help: "only this account"},
			{Name: templateFlag, Type: reconcile.String, Default: "/terraform-init/terraform-state.yml", Help: "resource with the template of an account's template collection"},
			{Name: collectionFlag, Type: reconcile.String, Default: "data/templating/collections/terraform-init", Help: "folder in app-interface's repository for template collections"},
		},
		Reads:  []reconcile.System{reconcile.AppInterface, reconcile.AWS, reconcile.GitLab},
		Writes: []reconcile.System{reconcile.AWS, reconcile.GitLab},
		Every:  10 * time.Minute,
		Guard:  plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, accounts, toggles := set.AppInterface(), set.AWS(), set.Toggles()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) appInterface { return app.At(s) },
				connect: func(ctx context.Context, access awsapi.Access) (buckets, error) { return accounts.Connect(ctx, access) },
				requests: func(s reconcile.Scope) requests {
					return mergerequest.Source{AppInterface: app.At(s), GitLab: set.GitLab()}
				},
				enabled: toggles.Enabled,
				now:     time.Now,
			}), nil
		},
	}
}

// appInterface is what the integration reads there.
type appInterface interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// buckets is what the integration needs of an account.
type buckets interface {
	FindBucket(ctx context.Context, name string) (awsapi.Bucket, error)
	CreateBucket(ctx context.Context, name string) error
}

// requests is where merge requests go.
type requests interface {
	RepositoryInputs(ctx context.Context) error
	AppInterfaceRepository(ctx context.Context, allow mergerequest.Allow) (*mergerequest.Direct, error)
}

var (
	_ buckets  = (*awsapi.Client)(nil)
	_ requests = mergerequest.Source{}

	_ reconcile.Sharded = (*reconciler)(nil)
	_ reconcile.Sourced = (*reconciler)(nil)
)

type reconciler struct {
	at       func(reconcile.Scope) appInterface
	connect  func(ctx context.Context, access awsapi.Access) (buckets, error)
	requests func(reconcile.Scope) requests
	enabled  func(ctx context.Context, toggle string, fallback bool) bool
	now      func() time.Time
}
