package openshiftsaasdeploy

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// namespaceBodies makes the objects of a target's namespace.
type namespaceBodies func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error)

// objects keeps the objects of the stage. Its scopes are clusters, and bodies are those of a target.
func (r *reconciler) objects(st *stage, bodies func(*target) namespaceBodies) *namespaced.Objects {
	return &namespaced.Objects{
		Owner:  st.owner(),
		Policy: func(plan.Args) kubeapi.Policy { return st.policy() },
		Namespaces: func(context.Context, reconcile.Scope) ([]namespaced.Namespace, error) {
			all := make([]namespaced.Namespace, len(st.targets))
			for i, t := range st.targets {
				all[i] = namespaced.Namespace{
					Name: t.Namespace.Name, Cluster: t.Namespace.Cluster, ClusterAdmin: namespaced.IsTrue(st.file.ClusterAdmin),
					Managed: st.managed, Bodies: bodies(t),
				}
			}
			return all, nil
		},
		Connect:         r.connect,
		AwaitNamespaces: true,
	}
}

// bodiesOf are the objects of a target as they were rendered; none of one that was not.
func bodiesOf(targets []*rendered, t *target) namespaceBodies {
	for _, one := range targets {
		if one.target == t {
			return func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
				return one.bodies, nil
			}
		}
	}
	return none
}

func none(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
	return nil, nil
}

// again makes the objects of targets once more, as of the commits that they were planned with. It is for those whose bodies
// were withheld.
func (r *reconciler) again(s reconcile.Scope, st *stage, commits map[string]string) func(*target) namespaceBodies {
	return func(t *target) namespaceBodies {
		commit, planned := commits[t.name]
		if !planned {
			return none
		}
		return func(ctx context.Context, _ reconcile.Scope, wanted namespaced.Wanted) ([]namespaced.Body, error) {
			work := r.rendering(ctx, s, st)
			bodies, err := work.bodies(ctx, t, commit)
			var asked []namespaced.Body
			for _, body := range bodies {
				if kind, name := identity(body.Object); wanted(kind, name) {
					asked = append(asked, body)
				}
			}
			return asked, err
		}
	}
}

// identity is an object's plain kind and its name.
func identity(object map[string]any) (kind, name string) {
	kind, _ = object["kind"].(string)
	metadata, _ := object["metadata"].(map[string]any)
	name, _ = metadata["name"].(string)
	return kind, name
}

// cluster is the cluster of a name, as the stage's targets have it.
func (st *stage) cluster(name string) appinterface.Cluster {
	for _, t := range st.targets {
		if t.cluster() == name {
			return t.Namespace.Cluster
		}
	}
	return appinterface.Cluster{}
}
