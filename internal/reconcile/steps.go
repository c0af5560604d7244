package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Steps are an integration's methods with the item type serialised, as activities run them.
type Steps struct {
	// Item is the type of the items; nil for a validator.
	Item reflect.Type
	// Shards is nil for an integration that is not split.
	Shards func(context.Context, Scope) ([]string, error)
	// Due is nil where all scopes are looked at.
	Due func(ctx context.Context, s Scope, scopes []string) ([]string, error)
	// Source reads all that the steps of a run read from app-interface.
	Source func(context.Context, Scope) error
	// Desired, Current, Diff and Apply are nil for a validator.
	Desired func(context.Context, Scope) (State, error)
	Current func(context.Context, Scope, State) (State, error)
	Diff    func(ctx context.Context, s Scope, desired, current State) (plan.Plan, error)
	Apply   func(context.Context, Scope, plan.Raw) error
	// Advance and Skip take the place of Apply in a long-running integration, and for changes that are followed.
	Advance func(ctx context.Context, s Scope, c plan.Raw, afresh bool) (plan.Stand, error)
	Skip    func(context.Context, Scope, plan.Raw) error
	// Check is nil for a reconciler.
	Check func(context.Context, Scope) ([]Finding, error)
}

// State is a serialised list of items.
type State struct {
	Items json.RawMessage `json:"items"`
	// Problems are the faults of single items that were left out.
	Problems []string `json:"problems,omitempty"`
}

// Reconcile makes the steps of a reconciler.
func Reconcile[T plan.Item[T]](r Reconciler[T]) Steps {
	steps := comparing(r)
	steps.Apply = func(ctx context.Context, s Scope, raw plan.Raw) error {
		change, err := decodeChange[T](raw)
		if err != nil {
			return err
		}
		return r.Apply(ctx, s, change)
	}
	if follower, ok := any(r).(Follower[T]); ok {
		steps.Advance, steps.Skip = advancing(follower)
	}
	return steps
}

// states is the half of an integration that reads.
type states[T plan.Item[T]] interface {
	Desired(ctx context.Context, s Scope) ([]T, error)
	Current(ctx context.Context, s Scope, desired []T) ([]T, error)
}

// comparing makes the steps that lead to a plan.
func comparing[T plan.Item[T]](r states[T]) Steps {
	return Steps{
		Item:   reflect.TypeFor[T](),
		Shards: shards(r),
		Due:    due(r),
		Source: source(r, func(ctx context.Context, s Scope) error {
			_, err := r.Desired(ctx, s)
			return withoutProblems(err)
		}),
		Desired: func(ctx context.Context, s Scope) (State, error) { return desired(ctx, r, s) },
		Current: func(ctx context.Context, s Scope, want State) (State, error) { return current(ctx, r, s, want) },
		Diff: func(ctx context.Context, s Scope, want, have State) (plan.Plan, error) {
			return diff(ctx, r, s, want, have)
		},
	}
}

// Validate makes the steps of a validator.
func Validate(v Validator) Steps {
	return Steps{
		Shards: shards(v),
		Source: source(v, func(ctx context.Context, s Scope) error {
			_, err := v.Check(ctx, s)
			return err
		}),
		Check: v.Check,
	}
}

func shards(integration any) func(context.Context, Scope) ([]string, error) {
	if sharded, ok := integration.(Sharded); ok {
		return sharded.Shards
	}
	return nil
}

func due(integration any) func(context.Context, Scope, []string) ([]string, error) {
	if selective, ok := integration.(Selective); ok {
		return selective.Due
	}
	return nil
}

func desired[T plan.Item[T]](ctx context.Context, r states[T], s Scope) (State, error) {
	items, err := r.Desired(ctx, s)
	var problems Problems
	if err != nil && !errors.As(err, &problems) {
		return State{}, err
	}
	state, err := encode(items)
	state.Problems = problems.texts()
	return state, err
}

func current[T plan.Item[T]](ctx context.Context, r states[T], s Scope, want State) (State, error) {
	items, err := decode[T](want)
	if err != nil {
		return State{}, err
	}
	live, err := r.Current(ctx, s, items)
	if err != nil {
		return State{}, err
	}
	return encode(live)
}

func diff[T plan.Item[T]](ctx context.Context, r states[T], s Scope, want, have State) (plan.Plan, error) {
	wanted, err := decode[T](want)
	if err != nil {
		return plan.Plan{}, err
	}
	live, err := decode[T](have)
	if err != nil {
		return plan.Plan{}, err
	}
	changes, problems := plan.Diff(wanted, live)
	p := plan.Plan{
		Problems: append(want.Problems, problems...),
		Desired:  len(wanted),
		Current:  len(live),
	}
	if changes, p.Refused, err = vet(ctx, r, s, changes); err != nil {
		return plan.Plan{}, err
	}
	mark(r, changes)
	for _, change := range changes {
		raw := plan.Raw{Head: change.Head}
		if raw.Desired, err = encodeItem(change.Desired); err != nil {
			return plan.Plan{}, err
		}
		if raw.Current, err = encodeItem(change.Current); err != nil {
			return plan.Plan{}, err
		}
		p.Changes = append(p.Changes, raw)
	}
	return p, nil
}

func decodeChange[T any](raw plan.Raw) (plan.Change[T], error) {
	change := plan.Change[T]{Head: raw.Head}
	var err error
	if change.Desired, err = decodeItem[T](raw.Desired); err != nil {
		return change, err
	}
	change.Current, err = decodeItem[T](raw.Current)
	return change, err
}

func encode[T any](items []T) (State, error) {
	if items == nil {
		items = []T{}
	}
	raw, err := json.Marshal(items)
	if err != nil {
		return State{}, apierr.New(apierr.Invalid, fmt.Errorf("serialise the state: %w", err))
	}
	return State{Items: raw}, nil
}

func decode[T any](s State) ([]T, error) {
	var items []T
	if err := json.Unmarshal(s.Items, &items); err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("read the serialised state: %w", err))
	}
	return items, nil
}

func encodeItem[T any](item *T) (*json.RawMessage, error) {
	if item == nil {
		return nil, nil //nolint:nilnil // no item is a valid half of a change.
	}
	raw, err := json.Marshal(item)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("serialise an item: %w", err))
	}
	message := json.RawMessage(raw)
	return &message, nil
}

func decodeItem[T any](raw *json.RawMessage) (*T, error) {
	if raw == nil {
		return nil, nil //nolint:nilnil // no item is a valid half of a change.
	}
	item := new(T)
	if err := json.Unmarshal(*raw, item); err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("read a serialised item: %w", err))
	}
	return item, nil
}
