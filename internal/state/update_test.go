package state_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// increment adds one to a number.
func increment(old state.Entry) (state.Entry, error) {
	count := 0
	if err := old.Decode(&count); err != nil {
		return old, err
	}
	return old.With(count + 1)
}

func TestNoUpdateIsLost(t *testing.T) {
	const writers, each = 6, 10
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx := writable(t)
		var group sync.WaitGroup
		for range writers {
			store := opens().Store("counter")
			group.Go(func() {
				for range each {
					if err := store.Update(ctx, "hits", increment); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		requireValue(t, opens().Store("counter"), "hits", "60")
	})
}

func TestOfSeveralThatAddOneSucceeds(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx := writable(t)
		var group sync.WaitGroup
		var added, refused atomic.Int32
		for i := range 8 {
			store := opens().Store("email-sender")
			group.Go(func() {
				switch err := store.Add(ctx, "mail", i, nil); {
				case err == nil:
					added.Add(1)
				case apierr.Is(err, apierr.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, added.Load())
		require.EqualValues(t, 7, refused.Load())
	})
}

func TestAnUpdateSeesWhatCameInBetween(t *testing.T) {
	for _, tc := range []struct {
		name    string
		before  func(context.Context, *state.Store) error
		between func(context.Context, *state.Store) error
		sees    []string
		end     string
	}{
		{"another value", set("old"), set("other"), []string{`"old"`, `"other"`}, `"mine"`},
		{"a new key", nothing, set("other"), []string{"", `"other"`}, `"mine"`},
		{"a removed key", set("old"), remove, []string{`"old"`, ""}, `"mine"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, opens func() *state.Backend) {
				ctx, store, other := writable(t), opens().Store("ldap-groups"), opens().Store("ldap-groups")
				require.NoError(t, tc.before(ctx, store))
				var seen []string
				require.NoError(t, store.Update(ctx, "managed", func(old state.Entry) (state.Entry, error) {
					seen = append(seen, string(old.Value))
					if len(seen) == 1 {
						require.NoError(t, tc.between(ctx, other))
					}
					return old.With("mine")
				}))
				require.Equal(t, tc.sees, seen)
				requireValue(t, other, "managed", tc.end)
			})
		})
	}
}

func nothing(context.Context, *state.Store) error { return nil }

func set(value string) func(context.Context, *state.Store) error {
	return func(ctx context.Context, store *state.Store) error { return store.Set(ctx, "managed", value, nil) }
}

func remove(ctx context.Context, store *state.Store) error { return store.Remove(ctx, "managed") }

func TestAnUpdateThatEndsWithoutAWrite(t *testing.T) {
	boom := errors.New("boom")
	lost := apierr.Errorf(apierr.Conflict, "another system's conflict")
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, store := writable(t), opens().Store("ldap-groups")
		require.NoError(t, store.Set(ctx, "managed", map[string]any{"a": 1, "b": []int{2}}, map[string]string{"by": "hand"}))
		for _, want := range []error{boom, lost} {
			calls := 0
			err := store.Update(ctx, "managed", func(old state.Entry) (state.Entry, error) {
				calls++
				changed, err := old.With(1)
				return changed, errors.Join(err, want)
			})
			require.ErrorIs(t, err, want)
			require.Equal(t, 1, calls)
		}
		err := store.Update(ctx, "managed", func(state.Entry) (state.Entry, error) { return state.Entry{}, nil })
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "use Remove")
		requireValue(t, store, "managed", `{"a": 1, "b": [2]}`)

		require.NoError(t, store.Update(ctx, "new", func(old state.Entry) (state.Entry, error) { return old, nil }))
		exists, err := store.Exists(ctx, "new")
		require.NoError(t, err)
		require.False(t, exists)
	})
}

func TestAnUpdateKeepsMetadataThatIsNotChanged(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, store := writable(t), opens().Store("ldap-groups")
		require.NoError(t, store.Set(ctx, "managed", 1, map[string]string{"by": "hand"}))
		require.NoError(t, store.Update(ctx, "managed", increment))
		found, err := store.Get(ctx, "managed")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"by": "hand"}, found.Metadata)
		require.JSONEq(t, "2", string(found.Value))

		require.NoError(t, store.Update(ctx, "managed", func(old state.Entry) (state.Entry, error) {
			old.Metadata = map[string]string{"by": "machine"}
			return old, nil
		}))
		found, err = store.Get(ctx, "managed")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"by": "machine"}, found.Metadata)
	})
}
