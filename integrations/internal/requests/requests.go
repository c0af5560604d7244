// Package requests is what the integrations share whose changes are merge requests in app-interface's repository, or messages
// in the queue for them. Such an integration says what it desires, and which request stands for it.
package requests

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Destination is where merge requests go.
type Destination interface {
	Inputs(ctx context.Context) error
	Choose(ctx context.Context, projectID string) (mergerequest.Gateway, error)
}

var _ Destination = mergerequest.Source{}

// Requests is all of a reconcile.Reconciler and reconcile.Vetter but Desired. The definition has the flag
// reconcile.GitLabProjectID.
type Requests[T plan.Item[T]] struct {
	To func(reconcile.Scope) Destination
	// Of is the request for an item. It is pure.
	Of func(T) mergerequest.Request
}

// Current returns the desired items that need no request: it is open, or its changes are in and the bundle does not have them
// yet.
func (r Requests[T]) Current(ctx context.Context, s reconcile.Scope, desired []T) ([]T, error) {
	if len(desired) == 0 {
		return nil, nil
	}
	gateway, err := r.gateway(ctx, s)
	if err != nil {
		return nil, err
	}
	var asked []T
	for _, want := range desired {
		found, err := gateway.Look(ctx, r.Of(want))
		switch {
		case apierr.Is(err, apierr.Invalid), apierr.Is(err, apierr.Missing):
			// The request cannot be made, since its files are not there or not in a form to be edited. Vet says so of this item alone.
		case err != nil:
			return nil, err
		case found.Outcome != mergerequest.Missing:
			asked = append(asked, want)
		}
	}
	return asked, nil
}

// Vet refuses an item whose request cannot be made.
func (r Requests[T]) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[T]) error {
	if c.Action != plan.Create {
		return nil
	}
	gateway, err := r.gateway(ctx, s)
	if err != nil {
		return err
	}
	_, err = gateway.Look(ctx, r.Of(*c.Desired))
	return err
}

// Apply sees to it that the item's request is open.
func (r Requests[T]) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[T]) error {
	if c.Action != plan.Create {
		return nil
	}
	gateway, err := r.gateway(ctx, s)
	if err != nil {
		return err
	}
	_, err = gateway.Ensure(ctx, r.Of(*c.Desired))
	return err
}

func (r Requests[T]) gateway(ctx context.Context, s reconcile.Scope) (mergerequest.Gateway, error) {
	return r.To(s).Choose(ctx, s.Args.String("gitlab-project-id"))
}
