package skuppernetwork

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Desired returns the objects of the sites' controllers, and then the links. What concerns a namespace that does not exist
// yet is left out until it does.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Part, error) {
	sites, err := r.sites(ctx, s)
	var problems reconcile.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	var parts []Part
	controllers := r.controllers(sites)
	for _, cluster := range clusters(sites) {
		objects, err := controllers.Desired(ctx, at(s, cluster[0]))
		var faults reconcile.Problems
		if err != nil && !errors.As(err, &faults) {
			return nil, err
		}
		problems = append(problems, faults...)
		for i := range objects {
			parts = append(parts, Part{Site: cluster[0].cluster.Name + "/" + objects[i].Namespace, Object: &objects[i]})
		}
	}
	there, err := r.present(ctx, s, sites)
	if err != nil {
		return nil, err
	}
	for _, from := range sites {
		for _, to := range from.links {
			if there[from] && there[to] {
				parts = append(parts, Part{Site: from.String(), Link: &Link{To: to.String(), Token: to.name}})
			}
		}
	}
	return parts, problems.ErrorOrNil()
}

// controllers keeps the objects of the sites that are not to be deleted. Its scopes are clusters.
func (r *reconciler) controllers(sites []*site) *namespaced.Objects {
	managed := kinds(sites)
	return &namespaced.Objects{
		Owner:   owner,
		Policy:  func(plan.Args) kubeapi.Policy { return kubeapi.Policy{} },
		Connect: r.connect,
		Namespaces: func(context.Context, reconcile.Scope) ([]namespaced.Namespace, error) {
			var namespaces []namespaced.Namespace
			for _, one := range sites {
				if one.gone || one.outside {
					continue
				}
				namespaces = append(namespaces, namespaced.Namespace{
					Name: one.namespace, Cluster: one.cluster, Managed: managed, Bodies: bodies(one.objects),
				})
			}
			return namespaces, nil
		},
	}
}

func bodies(objects []map[string]any) func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
	made := make([]namespaced.Body, len(objects))
	for i, object := range objects {
		made[i] = namespaced.Body{Object: object, Secret: object["kind"] == secretKind}
	}
	return func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) { return made, nil }
}

// kinds are those of all objects of the sites.
//
// Differs from the reference: the kinds are those of the network's templates. There they are those of all networks.
func kinds(sites []*site) []kubeapi.Managed {
	var managed []kubeapi.Managed
	for _, one := range sites {
		for _, object := range one.objects {
			kind := kubeapi.KindAndGroup(object)
			if !slices.ContainsFunc(managed, func(m kubeapi.Managed) bool { return m.Kind == kind }) {
				managed = append(managed, kubeapi.Managed{Kind: kind})
			}
		}
	}
	slices.SortFunc(managed, func(a, b kubeapi.Managed) int { return strings.Compare(a.Kind, b.Kind) })
	return managed
}

// clusters are the sites that this run works on, cluster by cluster and sorted by its name.
func clusters(sites []*site) [][]*site {
	var groups [][]*site
	for _, one := range sites {
		if one.outside {
			continue
		}
		at := slices.IndexFunc(groups, func(group []*site) bool { return group[0].cluster.Name == one.cluster.Name })
		if at < 0 {
			groups = append(groups, nil)
			at = len(groups) - 1
		}
		groups[at] = append(groups[at], one)
	}
	slices.SortFunc(groups, func(a, b []*site) int { return strings.Compare(a[0].cluster.Name, b[0].cluster.Name) })
	return groups
}

// at is the scope in which the engine of objects works on a site's cluster.
func at(s reconcile.Scope, one *site) reconcile.Scope {
	s.Name = one.cluster.Name
	return s
}

// present says which sites' namespaces exist, of those that this run works on. Where a token may not list namespaces all
// are taken to exist.
func (r *reconciler) present(ctx context.Context, s reconcile.Scope, sites []*site) (map[*site]bool, error) {
	there := map[*site]bool{}
	for _, group := range clusters(sites) {
		client, err := r.client(ctx, s, group[0])
		if err != nil {
			return nil, err
		}
		existing, err := client.Namespaces(ctx)
		if err != nil && !apierr.Is(err, apierr.Denied) {
			return nil, err
		}
		for _, one := range group {
			there[one] = err != nil || existing[one.namespace]
		}
	}
	return there, nil
}

func (r *reconciler) client(ctx context.Context, s reconcile.Scope, one *site) (*kubeapi.Client, error) {
	return r.connect(ctx, s, one.cluster, false)
}
