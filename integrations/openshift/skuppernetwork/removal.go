package skuppernetwork

import (
	"context"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// skuppers is how the names of what Skupper makes for a site begin.
const skuppers = "skupper-"

// removeSite deletes what is left of a site, and waits until it is gone: until then its controller may make more.
//
// Differs from the reference: sites and tokens go when all links that are wanted are there, so that a network that is moved
// to other sites stays connected.
func (r *reconciler) removeSite(ctx context.Context, s reconcile.Scope, one *site, managed []kubeapi.Managed) (plan.Stand, error) {
	if !one.gone {
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "skupper site %s is not to be deleted any more", one)
	}
	client, err := r.client(ctx, s, one)
	if err != nil {
		return plan.Stand{}, err
	}
	all, err := r.remains(ctx, s, one, managed)
	if err != nil {
		return plan.Stand{}, err
	}
	for _, live := range all {
		if err := client.Remove(ctx, live); err != nil {
			return plan.Stand{}, err
		}
	}
	if all, err = r.remains(ctx, s, one, managed); err != nil || len(all) == 0 {
		return plan.Done(), err
	}
	return plan.Waiting("%d objects of %s are still there: %s", len(all), one, strings.Join(names(all), ", ")), nil
}

// remains are the live objects of a site that is to be deleted, of the kinds of the network's templates and Secrets: those
// with the controller's labels, and those that Skupper made, which their names tell. What another integration has marked
// is none of them.
func (r *reconciler) remains(ctx context.Context, s reconcile.Scope, one *site, managed []kubeapi.Managed) ([]map[string]any, error) {
	client, err := r.client(ctx, s, one)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(managed, func(m kubeapi.Managed) bool { return m.Kind == secretKind }) {
		managed = append(slices.Clone(managed), kubeapi.Managed{Kind: secretKind})
	}
	var all []map[string]any
	for _, of := range managed {
		live, err := client.List(ctx, of.Kind, one.namespace, "")
		if apierr.Is(err, apierr.Missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(live, func(object map[string]any) bool { return !ofSkupper(object) })...)
	}
	return all, nil
}

func ofSkupper(live map[string]any) bool {
	meta := metadata(live)
	if by := meta.GetAnnotations()["qontract.integration"]; by != "" && by != Name {
		return false
	}
	labelled := true
	for label, value := range controllerLabels() {
		labelled = labelled && meta.GetLabels()[label] == value
	}
	return labelled || strings.HasPrefix(meta.GetName(), skuppers)
}

// names are those of live objects, as "Kind name" and sorted.
func names(all []map[string]any) []string {
	var texts []string
	for _, live := range all {
		texts = append(texts, metadata(live).GetKind()+" "+metadata(live).GetName())
	}
	slices.Sort(texts)
	return texts
}
