package resources

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// reader reads the resources of namespaces from app-interface.
func reader(app clients.AppInterface) func(context.Context, reconcile.Scope) (resources.Estate, error) {
	return func(ctx context.Context, s reconcile.Scope) (resources.Estate, error) {
		answer, err := ResourceNamespaces(ctx, app.At(s))
		if err != nil {
			return resources.Estate{}, err
		}
		estate := resources.Estate{Namespaces: answer.Namespaces}
		if len(answer.Settings) > 0 {
			estate.RepositoryURL = answer.Settings[0].RepoUrl
		}
		return estate, nil
	}
}

type reconciler struct{ *resources.Reconciler }

// Desired returns the objects of the cluster. An object of the cluster itself belongs to one namespace, which names it.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]kubeapi.Object, error) {
	objects, err := r.Reconciler.Desired(ctx, s)
	var problems reconcile.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	namespaces, err := r.Namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	resources.WarnOfUnused(ctx, s, namespaces, objects)
	objects, faults, err := r.claimed(ctx, s, namespaces, objects)
	if err != nil {
		return nil, err
	}
	return objects, append(problems, faults...).ErrorOrNil()
}
