package serviceaccounttokens

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the Secrets that are desired or may go, and the copies that Vault has.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	var wanted []kubeapi.Object
	var copies []Copy
	for _, item := range desired {
		if item.Copy != nil {
			copies = append(copies, *item.Copy)
		} else {
			wanted = append(wanted, *item.Object)
		}
	}
	live, err := r.objects.Current(ctx, s, wanted)
	if err != nil {
		return nil, err
	}
	specs, err := r.specs(ctx, s)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(live))
	for _, object := range live {
		w, named := find(specs, object)
		untouched := named && w.leftOut(s)
		if !untouched || slices.ContainsFunc(wanted, func(o kubeapi.Object) bool { return o.Key() == object.Key() }) {
			items = append(items, Item{Object: &object})
		}
	}
	kept, err := r.kept(ctx, s, specs, copies)
	return append(items, kept...), err
}
