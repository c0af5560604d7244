package reconcile

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// Sourced is an integration that says itself what its steps read from app-interface: one whose Desired reads other
// systems too, or reads once for each of many scopes what is the same for all of them. Of any other integration Shards
// and Desired, or Check, are taken to read all of it. A rehearsal finds what either leaves out.
type Sourced interface {
	// Source reads from app-interface what any of the steps reads from there, in all scopes, and from nowhere else.
	Source(ctx context.Context, s Scope) error
}

// sourcesAtOnce bounds the scopes whose desired state is read side by side.
const sourcesAtOnce = 10

// source returns the step that reads all inputs of a run. Read reads those of one scope.
func source(integration any, read func(context.Context, Scope) error) func(context.Context, Scope) error {
	if sourced, ok := integration.(Sourced); ok {
		return sourced.Source
	}
	list := shards(integration)
	if list == nil {
		return read
	}
	return func(ctx context.Context, s Scope) error {
		names, err := list(ctx, s)
		if err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(sourcesAtOnce)
		for _, name := range names {
			scope := s
			scope.Name = name
			group.Go(func() error { return read(ctx, scope) })
		}
		return group.Wait()
	}
}

// withoutProblems drops the faults of single items: what was read to find them is complete.
func withoutProblems(err error) error {
	var problems Problems
	if errors.As(err, &problems) {
		return nil
	}
	return err
}

// Partition says which of the integration's scopes depend on which part of its data, so that a check may run those
// alone whose part changed.
type Partition struct {
	// Roots are, by the name of a query's root field, the paths of the fields that name the scope of an element, such as
	// {"namespaces": "cluster.name"}. A scope must depend on its own elements alone. What differs elsewhere concerns all
	// scopes.
	Roots map[string]string
	// Flag is the flag that limits a run to scopes, "" where there is none. A run that has it is not limited further.
	Flag string
	// Most is the largest number of scopes that are run by themselves; where more are affected all are run.
	Most int
}
