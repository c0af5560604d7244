package upgradewatcher

import (
	"context"
	"reflect"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the keys of the state that are read side by side.
const readsAtOnce = 10

// Current returns the desired events that were told of: their key is there, with their value.
func (r *reconciler) Current(ctx context.Context, _ reconcile.Scope, desired []Event) ([]Event, error) {
	told := make([]bool, len(desired))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, e := range desired {
		group.Go(func() error {
			entry, err := r.told.Get(ctx, e.Key())
			if apierr.Is(err, apierr.Missing) {
				return nil
			}
			if err != nil {
				return err
			}
			var value any
			err = entry.Decode(&value)
			told[i] = reflect.DeepEqual(value, e.value())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var events []Event
	for i, e := range desired {
		if told[i] {
			events = append(events, e)
		}
	}
	return events, nil
}
