package namespaced

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// withhold takes the bodies with secrets out of what goes into a payload.
func withhold(objects []kubeapi.Object) error {
	for i := range objects {
		if !objects[i].Secret {
			continue
		}
		if err := objects[i].Withhold(); err != nil {
			return err
		}
	}
	return nil
}

// complete returns the objects with the bodies of those that are withheld, made anew. One that is not as it was when it
// was planned is a Conflict: the next run plans it again.
func complete(ctx context.Context, s reconcile.Scope, namespaces []Namespace, objects []kubeapi.Object) ([]kubeapi.Object, error) {
	asked, places := map[string]bool{}, map[string]bool{}
	for _, object := range objects {
		if object.Withheld != "" {
			places[object.Namespace] = true
			asked[bare(object.Namespace, object.Kind, object.Name)] = true
		}
	}
	if len(asked) == 0 {
		return objects, nil
	}
	made, problems, err := collect(ctx, s, namespaces, places, asked)
	if err != nil {
		return nil, err
	}
	objects = slices.Clone(objects)
	for i := range objects {
		if objects[i].Withheld == "" {
			continue
		}
		again, ok := made[objects[i].Key()]
		if !ok {
			return nil, errors.Join(apierr.Errorf(apierr.Conflict, "%s cannot be made again as it was planned", objects[i].Title()), problems.ErrorOrNil())
		}
		if err := objects[i].Restore(again.Body); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// collect makes the objects that are asked for in some places, by key.
func collect(ctx context.Context, s reconcile.Scope, namespaces []Namespace, places, asked map[string]bool) (map[string]kubeapi.Object, reconcile.Problems, error) {
	namespaces = slices.DeleteFunc(slices.Clone(namespaces), func(n Namespace) bool { return !places[n.Name] })
	desired, problems, err := build(ctx, s, namespaces, func(n Namespace) Wanted {
		return func(kind, name string) bool { return asked[bare(n.Name, kind, name)] }
	})
	if err != nil {
		return nil, nil, err
	}
	made := map[string]kubeapi.Object{}
	for _, object := range desired.Objects() {
		made[object.Key()] = object
	}
	return made, problems, nil
}

// bare is an object's identity without the group of its kind.
func bare(namespace, kind, name string) string {
	kind, _, _ = strings.Cut(kind, ".")
	return namespace + "/" + kind + "/" + name
}
