package kubeapi

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// remedy finds another way for an object that could not be applied in place, or returns the error as it is. Each
// way may end anywhere: what it deletes, the next attempt creates by applying.
//
//   - not applicable at all: create or replace it as a whole
//   - a resourceVersion in the last applied configuration: remove that annotation, then apply
//   - an immutable field of a Route, Service, Secret or Job: delete, then apply
//   - an immutable field of a Deployment: see replaceDeployment
//   - the address of a Service: delete, then apply
//   - a field of a StatefulSet that cannot change: see replaceStatefulSet
func (a *applier) remedy(ctx context.Context, ref reference, body map[string]any, cause error) (map[string]any, error) {
	switch problemOf(cause) {
	case problemNotApplicable:
		return a.store(ctx, ref, body)
	case problemResourceVersion:
		forget := map[string]any{"metadata": map[string]any{"annotations": map[string]any{lastApplied: nil}}}
		if _, err := a.patch(ctx, ref, types.MergePatchType, forget); err != nil {
			return nil, err
		}
		return a.applyAndMigrate(ctx, ref, body)
	case problemImmutable:
		switch ref.Kind.Name {
		case "Route", "Service", "Secret", "Job":
			return a.recreate(ctx, ref, body, background)
		case "Deployment":
			return a.replaceDeployment(ctx, ref, body, cause)
		case "StatefulSet":
			return a.replaceStatefulSet(ctx, ref, body)
		}
	case problemClusterIP:
		if ref.Kind.Name == "Service" {
			return a.recreate(ctx, ref, body, background)
		}
	case problemStatefulSet:
		if ref.Kind.Name == "StatefulSet" {
			return a.replaceStatefulSet(ctx, ref, body)
		}
	case problemOther, problemNoNamespace, problemExpired:
	}
	return nil, cause
}

// store creates the object, or replaces it as it was read a moment before.
func (a *applier) store(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	live, err := a.get(ctx, ref)
	if apierr.Is(err, apierr.Missing) {
		return a.create(ctx, ref, body)
	}
	if err != nil {
		return nil, err
	}
	return a.replace(ctx, ref, replacement(body, live))
}

// recreate deletes the live object, waits until it is gone, and applies.
func (a *applier) recreate(ctx context.Context, ref reference, body map[string]any, cascade cascade) (map[string]any, error) {
	live, err := a.get(ctx, ref)
	switch {
	case apierr.Is(err, apierr.Missing):
		return a.apply(ctx, ref, body)
	case err != nil:
		return nil, err
	}
	if !terminating(live) {
		if err := a.remove(ctx, ref, uidOf(live), cascade); err != nil {
			return nil, err
		}
	}
	if err := a.awaitGone(ctx, ref, uidOf(live)); err != nil {
		return nil, err
	}
	return a.apply(ctx, ref, body)
}

// settleWithin bounds how long an activity waits for the cluster's controllers before it gives the turn back. Pauses
// between two looks begin with the given one and grow to sixteen times of it: most objects go at once, and whoever
// uses them waits for the new one meanwhile.
type settleWithin struct{ limit, pause time.Duration }

func (s settleWithin) until(ctx context.Context, condition wait.ConditionWithContextFunc) error {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	return wait.Backoff{Duration: s.pause, Factor: 2, Steps: 4}.DelayFunc().Until(ctx, true, true, condition)
}

// awaitGone waits until the object with the UID is gone: an object that is applied while it is being deleted
// would go with it. Longer than the limit is apierr.NotYet.
func (a *applier) awaitGone(ctx context.Context, ref reference, uid string) error {
	err := a.settle.until(ctx, func(ctx context.Context) (bool, error) {
		live, err := a.get(ctx, ref)
		if apierr.Is(err, apierr.Missing) {
			return true, nil
		}
		return err == nil && uidOf(live) != uid, err
	})
	if errors.Is(err, context.DeadlineExceeded) || wait.Interrupted(err) {
		return apierr.Errorf(apierr.NotYet, "%s in cluster %s is still being deleted; it is made anew when it is gone", ref, a.cluster)
	}
	return err
}
