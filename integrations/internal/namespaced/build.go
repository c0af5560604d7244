package namespaced

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// namespacesAtOnce bounds the namespaces whose bodies are made side by side: some are made of secrets and other files that
// have to be read.
const namespacesAtOnce = 10

// build makes what belongs into namespaces, in their order, and tells the faults of single objects.
func build(ctx context.Context, s reconcile.Scope, namespaces []Namespace, wanted func(Namespace) Wanted) (*kubeapi.Desired, reconcile.Problems, error) {
	made, faults := make([][]Body, len(namespaces)), make([]reconcile.Problems, len(namespaces))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(namespacesAtOnce)
	for i, namespace := range namespaces {
		group.Go(func() error {
			var err error
			made[i], err = namespace.Bodies(within, s, wanted(namespace))
			if errors.As(err, &faults[i]) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	desired := kubeapi.NewDesired(s.Name)
	var problems reconcile.Problems
	for i, namespace := range namespaces {
		for _, managed := range namespace.Managed {
			desired.Manage(namespace.Name, managed.Kind, managed.Names...)
		}
		problems = append(problems, faults[i]...)
		for _, body := range made[i] {
			take := desired.Add
			if body.Secret {
				take = desired.AddSecret
			}
			if err := take(namespace.Name, body.Object, namespace.ClusterAdmin); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return desired, problems, nil
}
