// Package skuppernetwork connects namespaces of several clusters by Skupper.
//
// What it keeps true: each namespace of a network has a site controller, and a link to each site that it is to connect to.
// A site that is to be deleted goes with all that its controller made.
// Desired: the objects of each site's controller, from the network's templates, and the links, which follow from where the
// clusters can be reached from.
// Current: these objects, the Secrets with the links' tokens, and what is left of sites that are to be deleted.
// Writes: the objects; requests for tokens, which the site controller answers, in the namespace that is connected to; the
// token that comes of it in the namespace that connects. Networks are workflows of their own, since site controllers take
// their time.
// Reference module: reconcile/skupper_network.
package skuppernetwork

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "skupper-network"

// owner marks what is applied.
var owner = kubeapi.Owner{Integration: Name, Version: "0.1.0"}

// mostByThemselves is the number of networks up to which a check runs the affected ones alone.
const mostByThemselves = 10

// Definition describes the integration. Its scopes are networks.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:        Name,
		Summary:     "Manages Skupper Networks.",
		Params:      []reconcile.Param{reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost()},
		Reads:       []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:      []reconcile.System{reconcile.Kubernetes},
		Every:       10 * time.Minute,
		LongRunning: true,
		Partition:   &reconcile.Partition{Roots: map[string]string{"networks": "identifier"}, Most: mostByThemselves},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			return reconcile.LongRun(&reconciler{
				at:        func(s reconcile.Scope) session { return app.At(s) },
				templates: template.New(set),
				connect:   set.Clusters().Connect,
			}), nil
		},
	}
}

// session is what the integration needs of app-interface.
type session interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

var (
	_ reconcile.LongRunning[Part] = (*reconciler)(nil)
	_ reconcile.Vetter[Part]      = (*reconciler)(nil)
	_ reconcile.Sharded           = (*reconciler)(nil)
	_ reconcile.Sourced           = (*reconciler)(nil)
)

type reconciler struct {
	at        func(reconcile.Scope) session
	templates *template.Renderer
	connect   func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error)
}
