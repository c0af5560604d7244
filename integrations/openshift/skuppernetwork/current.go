package skuppernetwork

import (
	"context"
	"errors"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns what there is of the wanted objects and links, what is there and not wanted any more, and what is left
// of sites that are to be deleted. Values of Secrets stay out of it.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Part) ([]Part, error) {
	sites, err := r.sites(ctx, s)
	var problems reconcile.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	there, err := r.present(ctx, s, sites)
	if err != nil {
		return nil, err
	}
	tokens, err := r.tokens(ctx, s, sites, there)
	if err != nil {
		return nil, err
	}
	parts := tokens.parts(sites, desired)
	controllers := r.controllers(sites)
	for _, group := range clusters(sites) {
		live, err := controllers.Current(ctx, at(s, group[0]), objectsOf(desired, group[0].cluster.Name))
		if err != nil {
			return nil, err
		}
		for i := range live {
			if !tokens.has(live[i]) {
				parts = append(parts, Part{Site: live[i].Cluster + "/" + live[i].Namespace, Object: &live[i]})
			}
		}
	}
	for _, one := range sites {
		if !one.gone || !there[one] {
			continue
		}
		remains, err := r.remains(ctx, s, one, kinds(sites))
		if err != nil {
			return nil, err
		}
		remains = slices.DeleteFunc(remains, func(live map[string]any) bool { return metadata(live).GetDeletionTimestamp() != nil })
		if len(remains) > 0 {
			parts = append(parts, Part{Site: one.String(), Remains: names(remains)})
		}
	}
	return parts, nil
}

// objectsOf are the wanted objects of a cluster.
func objectsOf(desired []Part, cluster string) []kubeapi.Object {
	var objects []kubeapi.Object
	for _, part := range desired {
		if part.Object != nil && part.Object.Cluster == cluster {
			objects = append(objects, *part.Object)
		}
	}
	return objects
}

// links are the wanted links by key.
func links(desired []Part) map[string]*Link {
	wanted := map[string]*Link{}
	for _, part := range desired {
		if part.Link != nil {
			wanted[part.Key()] = part.Link
		}
	}
	return wanted
}
