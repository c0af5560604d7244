// Package reconcile is what the author of an integration writes against: the definition, the steps, and the
// registry that worker, starter, documentation and tests derive everything from.
package reconcile

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Scope is the part of the estate that a step works on.
type Scope = plan.Scope

// Reconciler is an ordinary integration. Every method runs as an activity: more than once, and killed at any
// point. Only Apply may write; clients refuse it everywhere else.
type Reconciler[T plan.Item[T]] interface {
	// Desired returns what should be. A fault that concerns single items is reported as Problems beside the items
	// that are sound: those are still created and updated, and nothing is deleted.
	Desired(ctx context.Context, s Scope) ([]T, error)
	// Current returns what is, complete, or an error. It leaves out what is not ours to delete.
	Current(ctx context.Context, s Scope, desired []T) ([]T, error)
	// Apply carries out one change. It succeeds when the change is already in place: exists on create, gone on
	// delete. Before creating what cannot be created twice it looks for what an earlier attempt made.
	Apply(ctx context.Context, s Scope, c plan.Change[T]) error
}

// Sharded is an integration whose scopes (clusters, accounts, organisations) run, fail and are retried one by one.
type Sharded interface {
	// Shards names the scopes of this run, in the order in which they are shown.
	Shards(ctx context.Context, s Scope) ([]string, error)
}

// Selective is a Sharded integration with many scopes of which few have anything to do, and that can tell for all of them
// at once. Each scope that is left out saves a workflow with its steps.
type Selective interface {
	// Due returns those of the scopes that a run has to look at, in their order. Unlike Shards it may ask other systems
	// than app-interface.
	Due(ctx context.Context, s Scope, scopes []string) ([]string, error)
}

// Vetter is an integration that looks at each change before it is planned, in dry runs too: a user who does not
// exist, a name that is reserved.
type Vetter[T plan.Item[T]] interface {
	// Vet returns why the change must not be made. It only reads. An error that cannot pass refuses this change
	// alone: it is reported, and the run fails at its end.
	Vet(ctx context.Context, s Scope, c plan.Change[T]) error
}

// Validator is an integration that only checks.
type Validator interface {
	// Check returns what is wrong. An error means that it could not tell.
	Check(ctx context.Context, s Scope) ([]Finding, error)
}

// Finding is one thing that a validator found.
type Finding = plan.Finding

// Problems are faults of the desired state that concern single items. Desired returns them as its error beside
// the items that are sound.
type Problems []error

// Error joins the problems, one a line.
func (p Problems) Error() string { return strings.Join(p.texts(), "\n") }

// Unwrap lets errors.Is and errors.As look at each problem.
func (p Problems) Unwrap() []error { return p }

// ErrorOrNil returns nil for no problems, so that Desired can end with it.
func (p Problems) ErrorOrNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) texts() []string {
	texts := make([]string, len(p))
	for i, err := range p {
		texts[i] = err.Error()
	}
	return texts
}
