// Package openshiftsaasdeploy rolls out saas files.
//
// What it keeps true: each namespace that a target of a saas file deploys to has the objects that the target's template makes,
// as of the commit that its ref stands for, and who promotes by the target knows how that went.
// Desired: the objects of the kinds that the saas file manages, from templates in repositories; for each target a rollout,
// which is done when its objects are realised; and messages about them in Slack.
// Current: the objects in the clusters, and what targets have published of the commit.
// Writes: objects in clusters; the outcomes of rollouts and promotion data in the state; messages in Slack.
// Reference module: reconcile/openshift_saas_deploy.py, with utils/saasherder.
package openshiftsaasdeploy

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/codehost"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Name is the integration's name, and the one in the annotation of objects.
const Name = "openshift-saas-deploy"

const version = "0.1.0"

// Definition describes the integration. Its scopes are saas files in their environments. Triggers run it for one of them; by
// schedule it runs only where its datafile says so.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manage OpenShift resources defined in Saas files.",
		Params:  params(),
		Reads: []reconcile.System{
			reconcile.AppInterface, reconcile.Vault, reconcile.Kubernetes, reconcile.GitHub, reconcile.GitLab, reconcile.Quay, reconcile.Slack,
		},
		Writes:  []reconcile.System{reconcile.Kubernetes, reconcile.Slack},
		Every:   time.Hour,
		Profile: workflows.Slow,
		Follows: true,
		Apart:   []string{"saas-file-name", "env-name"},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, workspaces, registries := set.AppInterface(), set.Slack(), set.Registries()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				connect: set.Clusters().Connect,
				code:    codehost.Hosts{GitHub: set.GitHub(), GitLab: set.GitLab()}.NewView,
				images:  func() lookup { return registries.NewView() },
				slack: func(ctx context.Context, w slackapi.Workspace, token secret.Ref) (poster, error) {
					return workspaces.Connect(ctx, w, token)
				},
				secrets: set.Secrets(),
				memory:  set.State(Name),
				now:     time.Now,
			}), nil
		},
	}
}

// RollbackFlag is a flag of our own: it deploys what succeeded before.
const RollbackFlag = "rollback"

// params are the integration's flags.
func params() []reconcile.Param {
	return []reconcile.Param{
		reconcile.ThreadPoolSize(),
		{Name: "io-dir", Type: reconcile.String, Default: "throughput/", Help: "taken and not used: the logs of Jobs are not collected"},
		reconcile.UseJumpHost(),
		{Name: "saas-file-name", Type: reconcile.String, Help: "the saas file to deploy"},
		{Name: "env-name", Type: reconcile.String, Help: "the environment to deploy to"},
		{Name: "trigger-integration", Type: reconcile.String, Help: "the integration that triggered the deployment, for messages"},
		{Name: "trigger-reason", Type: reconcile.String, Help: "what triggered the deployment, for messages"},
		{Name: RollbackFlag, Type: reconcile.Bool, Default: "false", Help: "deploy the commits that succeeded before those that refs stand for"},
	}
}

// lookup finds images in their registries.
type lookup interface {
	// Digest returns the digest of an image. It is Missing where there is no such image.
	Digest(ctx context.Context, image string, login registryapi.Login) (string, error)
}

// poster is what is needed of a workspace of Slack.
type poster interface {
	PostOnce(ctx context.Context, m slackapi.Message, since time.Time) error
}

// memory is the state of the integration.
type memory interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	GetAll(ctx context.Context, prefix string) (map[string]state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
	Update(ctx context.Context, key string, change func(old state.Entry) (state.Entry, error)) error
	Remove(ctx context.Context, key string) error
}

var (
	_ reconcile.Follower[Item] = (*reconciler)(nil)
	_ reconcile.Approver[Item] = (*reconciler)(nil)
	_ reconcile.Vetter[Item]   = (*reconciler)(nil)
	_ reconcile.Sharded        = (*reconciler)(nil)
	_ reconcile.Sourced        = (*reconciler)(nil)
)

type reconciler struct {
	at      func(reconcile.Scope) graphql.Client
	connect func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error)
	// code returns a view of the repositories that saas files deploy from.
	code func(app graphql.Client) *codehost.View
	// images returns a view of the registries of images.
	images  func() lookup
	slack   func(ctx context.Context, w slackapi.Workspace, token secret.Ref) (poster, error)
	secrets secret.Reader
	memory  memory
	now     func() time.Time
	estates estates
}
