// Package clusterbots makes the service accounts with which integrations log in to new clusters.
//
// What it keeps true: a cluster whose datafile lacks automationToken, or as one with clusterAdmin lacks
// clusterAdminAutomationToken, has a service account for it, whose token is in Vault, and a merge request is open that
// names the secret in the datafile.
// Desired: for each cluster with ocm that answers, the bots whose tokens its datafile lacks, and the merge request.
// Current: the bots whose token in Vault is that of the cluster, and the request where it is open or in. A queue does not
// tell, so that each run leaves its message again.
// Writes: namespaces, service accounts, their Secrets and bindings in clusters, logged in as OCM's administrator; secrets in
// Vault; merge requests in app-interface's repository, or messages in the queue for them.
// Reference module: reconcile/openshift_cluster_bots.py.
package clusterbots

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-cluster-bots"

const version = "0.1.0"

// The integration's own flags.
const (
	credsPath             = "vault-creds-path"
	dedicatedAdminSpace   = "dedicated-admin-namespace"
	dedicatedAdminAccount = "dedicated-admin-service-account"
	clusterAdminSpace     = "cluster-admin-namespace"
	clusterAdminAccount   = "cluster-admin-service-account"
)

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages dedicated-admin and cluster-admin creds.",
		Params: []reconcile.Param{
			reconcile.GitLabProjectID(),
			{Name: credsPath, Type: reconcile.String, Default: "app-sre/creds/kube-configs", Help: "path in Vault that the tokens are kept below"},
			{Name: dedicatedAdminSpace, Type: reconcile.String, Default: "dedicated-admin", Help: "namespace of the dedicated-admin bot"},
			{Name: dedicatedAdminAccount, Type: reconcile.String, Default: "app-sre", Help: "service account of the dedicated-admin bot"},
			{Name: clusterAdminSpace, Type: reconcile.String, Default: "app-sre", Help: "namespace of the cluster-admin bot"},
			{Name: clusterAdminAccount, Type: reconcile.String, Default: "app-sre-cluster-admin-bot", Help: "service account of the cluster-admin bot"},
		},
		Reads:  []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Kubernetes, reconcile.Vault, reconcile.GitLab},
		Writes: []reconcile.System{reconcile.Kubernetes, reconcile.Vault, reconcile.GitLab},
		Every:  10 * time.Minute,
		Guard:  plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app, clusters, managers := set.AppInterface(), set.Clusters(), set.OCM()
			return reconcile.Reconcile(&reconciler{
				at:      func(s reconcile.Scope) graphql.Client { return app.At(s) },
				ready:   kubeapi.Ready,
				manager: func(ctx context.Context, access ocmapi.Access) (manager, error) { return managers.Connect(ctx, access) },
				connect: func(ctx context.Context, name string, kubeconfig secret.Value) (cluster, error) {
					return clusters.FromKubeconfig(ctx, name, kubeconfig)
				},
				vault:    set.SecretStore(),
				requests: func(s reconcile.Scope) requests { return set.MergeRequests(s) },
			}), nil
		},
	}
}

// manager is what the integration needs of an OCM.
type manager interface {
	ListClusters(ctx context.Context, condition ocmapi.Search) ([]ocmapi.Cluster, error)
	Kubeconfig(ctx context.Context, cluster string) (secret.Value, error)
}

// cluster is what it needs of one.
type cluster interface {
	Get(ctx context.Context, kind, namespace, name string) (map[string]any, error)
	Apply(ctx context.Context, owner kubeapi.Owner, o kubeapi.Object) error
}

// store is the Vault that tokens are kept in.
type store interface {
	Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error)
	Write(ctx context.Context, path string, data vaultapi.Data) error
}

// requests is where merge requests go.
type requests interface {
	Inputs(ctx context.Context) error
	Choose(ctx context.Context, projectID string) (mergerequest.Gateway, error)
}

var (
	_ store    = clients.SecretStore{}
	_ requests = mergerequest.Source{}

	_ reconcile.Sharded      = (*reconciler)(nil)
	_ reconcile.Sourced      = (*reconciler)(nil)
	_ reconcile.Vetter[Item] = (*reconciler)(nil)
)

type reconciler struct {
	at       func(reconcile.Scope) graphql.Client
	ready    func(ctx context.Context, server string, insecure bool) (bool, error)
	manager  func(context.Context, ocmapi.Access) (manager, error)
	connect  func(ctx context.Context, name string, kubeconfig secret.Value) (cluster, error)
	vault    store
	requests func(reconcile.Scope) requests
}
