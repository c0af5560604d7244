package reconcile

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// LongRunning is an integration whose changes wait for others: for an account that AWS takes its time to make, for a
// person at AWS who answers a case. Each scope has a workflow of its own, <integration>/<scope>, that goes on when the
// run that began it has ended; later runs join it and tell it what is wanted by then. So it has to be Sharded.
//
// Desired and Current are those of a Reconciler. A change of a later wave is begun when all of the earlier waves are
// done.
type LongRunning[T plan.Item[T]] interface {
	Desired(ctx context.Context, s Scope) ([]T, error)
	Current(ctx context.Context, s Scope, desired []T) ([]T, error)
	// Advance carries a change as far as it goes now, and says where it stands. It is called again with growing pauses
	// while the change waits, or at the time that it names (plan.Stand.Until), so it looks first for what an earlier call
	// made. What is blocked is looked at again when a run joins. An error fails the change until then; the others go on.
	//
	// Afresh says that a person asked for another attempt from the beginning: what was refused is asked for anew.
	Advance(ctx context.Context, s Scope, c plan.Change[T], afresh bool) (plan.Stand, error)
	// Skip records that a person takes the change for done, so that nobody begins it again until something else is
	// wanted. It is Invalid where others need what the change makes.
	Skip(ctx context.Context, s Scope, c plan.Change[T]) error
}

// LongRun makes the steps of a long-running integration.
func LongRun[T plan.Item[T]](r LongRunning[T]) Steps {
	steps := comparing(r)
	steps.Advance, steps.Skip = advancing(r)
	return steps
}

// advances carries changes on.
type advances[T plan.Item[T]] interface {
	Advance(ctx context.Context, s Scope, c plan.Change[T], afresh bool) (plan.Stand, error)
	Skip(ctx context.Context, s Scope, c plan.Change[T]) error
}

func advancing[T plan.Item[T]](r advances[T]) (
	advance func(ctx context.Context, s Scope, raw plan.Raw, afresh bool) (plan.Stand, error),
	skip func(ctx context.Context, s Scope, raw plan.Raw) error,
) {
	advance = func(ctx context.Context, s Scope, raw plan.Raw, afresh bool) (plan.Stand, error) {
		change, err := decodeChange[T](raw)
		if err != nil {
			return plan.Stand{}, err
		}
		return r.Advance(ctx, s, change, afresh)
	}
	skip = func(ctx context.Context, s Scope, raw plan.Raw) error {
		change, err := decodeChange[T](raw)
		if err != nil {
			return err
		}
		return r.Skip(ctx, s, change)
	}
	return advance, skip
}
