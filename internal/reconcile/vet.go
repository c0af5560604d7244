package reconcile

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// vetsAtOnce bounds the changes that are looked at side by side.
const vetsAtOnce = 10

// vet asks an integration that is a Vetter about every change, and splits them into those that may be made and
// those that are refused. Its error is one that may pass.
func vet[T plan.Item[T]](ctx context.Context, r states[T], s Scope, changes []plan.Change[T]) ([]plan.Change[T], []plan.Refused, error) {
	vetter, ok := r.(Vetter[T])
	if !ok {
		return changes, nil, nil
	}
	verdicts := make([]error, len(changes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(vetsAtOnce)
	for i, change := range changes {
		group.Go(func() error {
			err := vetter.Vet(ctx, s, change)
			if kind, known := apierr.KindOf(err); err != nil && (!known || kind.Retryable()) {
				return err
			}
			verdicts[i] = err
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var allowed []plan.Change[T]
	var refused []plan.Refused
	for i, change := range changes {
		if verdicts[i] == nil {
			allowed = append(allowed, change)
			continue
		}
		kind, _ := apierr.KindOf(verdicts[i])
		refused = append(refused, plan.Refused{Head: change.Head, Kind: string(kind), Message: verdicts[i].Error()})
	}
	return allowed, refused, nil
}
