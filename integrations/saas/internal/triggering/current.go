package triggering

import (
	"context"
	"encoding/json"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the values of state that are read side by side.
const readsAtOnce = 10

// Current says of each trigger what is to be done, by the values that state keeps. One of which it keeps nothing is not there.
func (t *Triggers) Current(ctx context.Context, _ reconcile.Scope, desired []Trigger) ([]Trigger, error) {
	found := make([]*Trigger, len(desired))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, want := range desired {
		group.Go(func() (err error) {
			found[i], err = t.look(within, want)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var current []Trigger
	for _, one := range found {
		if one != nil {
			current = append(current, *one)
		}
	}
	return current, nil
}

func (t *Triggers) look(ctx context.Context, want Trigger) (*Trigger, error) {
	pending, known, err := t.pending(ctx, want)
	found := &Trigger{Run: want.Run, Kind: want.Kind}
	switch {
	case apierr.Is(err, apierr.Invalid):
		found.Fault = err.Error()
		return found, nil
	case err != nil:
		return nil, err
	case !known && len(pending) > 0:
		return nil, nil //nolint:nilnil // nothing is kept of it.
	}
	for _, one := range pending {
		if one.fires {
			found.Fires = append(found.Fires, one.words)
		} else {
			found.Notes = append(found.Notes, one.words)
		}
	}
	return found, nil
}

// pending is a value that state does not keep yet.
type pending struct {
	Value
	// id is that of the change from the one before, and fires says that it starts the deployment.
	id    string
	fires bool
	// seed is what names follow from. The namespace is in the key, and the address of its cluster is left out: a cluster that moves
	// has the same deployments.
	seed  string
	words string
}

// pending returns the values of the trigger that state does not keep yet, and whether it keeps any of them.
func (t *Triggers) pending(ctx context.Context, want Trigger) (all []pending, known bool, err error) {
	for _, value := range want.Values {
		entry, err := t.state.Get(ctx, value.Key)
		if err != nil && !apierr.Is(err, apierr.Missing) {
			return nil, false, err
		}
		known = known || entry.Exists()
		content, err := pyjson.Decode(value.Value)
		if err != nil {
			return nil, false, apierr.Errorf(apierr.Invalid, "the value of %s: %w", value.Target, err)
		}
		watch := trigger.Watch{Kind: want.Kind, Key: value.Key, Value: content}
		decision, err := watch.Decide(entry.Value)
		if err != nil {
			return nil, false, err
		}
		if decision == trigger.Nothing {
			continue
		}
		one := pending{Value: value, id: watch.ID(string(entry.Value)), fires: decision == trigger.Fire, seed: value.Key + " " + pyjson.Sorted().Text(without(content, "namespace"))}
		one.words = words(want.Kind, value, entry.Value, one.fires)
		all = append(all, one)
	}
	return all, known, nil
}

// words say what became of a value.
func words(kind trigger.Kind, value Value, stored []byte, fires bool) string {
	fresh := len(stored) == 0 || string(stored) == "null"
	switch {
	case fresh && fires:
		return value.Target + " is new"
	case fresh:
		return value.Target + " is seen for the first time"
	case kind == trigger.Configurations:
		return "the configuration of " + value.Target + " has changed"
	}
	return value.Target + " has moved from " + short(stored) + " to " + short(value.Value)
}

// longest is how much of a value is shown: of a commit what people know it by.
const longest = 40

func short(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	return text[:min(len(text), longest)]
}

func without(value any, field string) any {
	fields, ok := value.(pyjson.Object)
	if !ok {
		return value
	}
	return slices.DeleteFunc(slices.Clone(fields), func(m pyjson.Member) bool { return m.Key == field })
}
