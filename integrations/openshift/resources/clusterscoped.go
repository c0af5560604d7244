package resources

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// claimed checks the objects that belong to the cluster itself: a namespace that wants one names it in managedResourceNames,
// and no other one does. What is not named is reported and kept; of what several namespaces want the first one's counts.
//
// Differs from the reference: it is checked in every run. There it is meant to be checked in dry runs, and never is, since
// the integration's name is compared in another spelling.
func (r *reconciler) claimed(ctx context.Context, s reconcile.Scope, namespaces []namespaced.Namespace, objects []kubeapi.Object) ([]kubeapi.Object, reconcile.Problems, error) {
	index := map[string]namespaced.Namespace{}
	for _, n := range namespaces {
		if _, known := index[n.Name]; !known && n.Cluster.Name == s.Name {
			index[n.Name] = n
		}
	}
	var problems reconcile.Problems
	claims, kinds := map[string]string{}, map[string]bool{}
	kept := objects[:0:0]
	for _, object := range objects {
		ofCluster, known := kinds[object.Kind]
		if !known {
			var err error
			if ofCluster, err = r.ofCluster(ctx, s, index[object.Namespace], object.Kind); err != nil {
				return nil, nil, err
			}
			kinds[object.Kind] = ofCluster
		}
		if !ofCluster {
			kept = append(kept, object)
			continue
		}
		claim := object.Kind + "/" + object.Name
		if first, taken := claims[claim]; taken {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "%s: namespace %s wants this object of the cluster too, and the first one counts; leave it to one of them", object.Title(), first))
			continue
		}
		claims[claim] = object.Namespace
		kept = append(kept, object)
		if !named(index[object.Namespace], object) {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "%s is an object of the cluster itself; add its name to managedResourceNames of the namespace", object.Title()))
		}
	}
	return kept, problems, nil
}

// ofCluster says whether objects of the kind belong to the cluster itself. A kind that is not served belongs nowhere.
func (r *reconciler) ofCluster(ctx context.Context, s reconcile.Scope, n namespaced.Namespace, kind string) (bool, error) {
	client, err := r.Connect(ctx, s, n.Cluster, n.ClusterAdmin)
	if err != nil {
		return false, err
	}
	served, err := client.Kind(ctx, kind)
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return err == nil && !served.Namespaced, err
}

func named(n namespaced.Namespace, object kubeapi.Object) bool {
	return slices.ContainsFunc(n.Managed, func(m kubeapi.Managed) bool { return m.Kind == object.Kind && slices.Contains(m.Names, object.Name) })
}
