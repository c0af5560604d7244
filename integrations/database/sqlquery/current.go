package sqlquery

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns how far the query is. A Job that was not seen to end is looked at: the reference does not note that.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Query) ([]Query, error) {
	if len(desired) == 0 {
		return nil, nil
	}
	query := desired[0]
	n, err := r.noted(ctx, query.Name)
	if err != nil {
		return nil, err
	}
	query.Since = n.since
	switch {
	case n.done, !n.made() && query.Recurs && query.Stage == Cleared:
		query.Stage = Cleared
	case !n.made():
		return nil, nil
	case n.ended:
		query.Stage = Ended
	default:
		query.Stage = Made
	}
	if query.Stage == Made && !query.Recurs {
		at, err := r.place(ctx, s, query)
		if err != nil {
			return nil, err
		}
		run, err := at.Look(ctx, query.Name)
		if err != nil {
			return nil, err
		}
		if run.Job == nil || run.Complete {
			query.Stage = Ended
		}
	}
	return []Query{query}, nil
}
