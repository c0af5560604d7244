package addonsupgradeteststrigger

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the desired add-ons with the versions that were tested last. One that was never tested has none.
func (r *reconciler) Current(ctx context.Context, _ reconcile.Scope, desired []Tested) ([]Tested, error) {
	var current []Tested
	for _, item := range desired {
		version, err := r.tested(ctx, item.Key())
		if err != nil {
			return nil, err
		}
		if version != "" {
			item.Version = version
			current = append(current, item)
		}
	}
	return current, nil
}

// tested is the version in state; "" where there is none. The reference writes null for an add-on that no cluster has.
func (r *reconciler) tested(ctx context.Context, key string) (version string, err error) {
	entry, err := r.state.Get(ctx, key)
	if apierr.Is(err, apierr.Missing) {
		return "", nil
	}
	if err == nil {
		err = entry.Decode(&version)
	}
	return version, err
}
