package state_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// ofKind returns the vectors of a kind.
func ofKind(t *testing.T, kind string) []vectors.Vector {
	t.Helper()
	all, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	var wanted []vectors.Vector
	for _, v := range all {
		var set struct {
			Kind string `json:"kind"`
		}
		require.NoError(t, json.Unmarshal(v.Input, &set), v.ID)
		if set.Kind == kind {
			wanted = append(wanted, v)
		}
	}
	require.NotEmpty(t, wanted)
	return wanted
}

// transaction is the input of a vector: a value given at the start, and what happens then.
type transaction struct {
	Stored   map[string]json.RawMessage `json:"stored"`
	Argument json.RawMessage            `json:"argument"`
	Body     map[string]json.RawMessage `json:"body"`
}

var errAborted, errRaised = errors.New("aborted"), errors.New("raised")

// change is the transaction as an update: a value set in its body comes before the one given at the start.
func (in transaction) change(old state.Entry) (state.Entry, error) {
	value := old
	var err error
	if set, ok := in.Body["set"]; ok {
		value, err = old.With(set)
	} else if string(in.Argument) != "null" {
		value, err = old.With(in.Argument)
	}
	switch {
	case in.Body["raise"] != nil:
		return value, errRaised
	case in.Body["abort"] != nil:
		return value, errAborted
	}
	return value, err
}

func TestTransactionVectors(t *testing.T) {
	for _, v := range ofKind(t, "state-transaction") {
		t.Run(v.ID, func(t *testing.T) {
			var in transaction
			var out struct {
				Exists  bool                 `json:"exists"`
				Initial json.RawMessage      `json:"initial"`
				Raised  bool                 `json:"raised"`
				Writes  [][2]json.RawMessage `json:"writes"`
			}
			require.NoError(t, json.Unmarshal(v.Input, &in))
			require.NoError(t, json.Unmarshal(v.Output, &out))
			onEach(t, func(t *testing.T, opens func() *state.Backend) {
				ctx, store := writable(t), opens().Store("vectors")
				for key, value := range in.Stored {
					require.NoError(t, store.Set(ctx, key, value, nil))
				}
				err := store.Update(ctx, "k", func(old state.Entry) (state.Entry, error) {
					require.Equal(t, out.Exists, old.Exists())
					if out.Exists {
						require.JSONEq(t, string(out.Initial), string(old.Value))
					}
					return in.change(old)
				})
				require.Equal(t, out.Raised, errors.Is(err, errRaised))
				if !out.Raised && !errors.Is(err, errAborted) {
					require.NoError(t, err)
				}
				want := in.Stored
				for _, write := range out.Writes {
					var key string
					require.NoError(t, json.Unmarshal(write[0], &key))
					want = map[string]json.RawMessage{key: write[1]}
				}
				all, err := store.GetAll(ctx, "")
				require.NoError(t, err)
				require.Len(t, all, len(want))
				for key, value := range want {
					require.JSONEq(t, string(value), string(all[key].Value))
				}
			})
		})
	}
}

// TestEarlyExitCacheVectors keeps what the vectors store under their keys, and finds it there with its metadata.
func TestEarlyExitCacheVectors(t *testing.T) {
	for _, v := range ofKind(t, "early-exit-cache") {
		t.Run(v.ID, func(t *testing.T) {
			var in struct {
				Stored map[string]map[string]string `json:"stored_metadata"`
			}
			var out struct {
				Key string `json:"key"`
			}
			require.NoError(t, json.Unmarshal(v.Input, &in))
			require.NoError(t, json.Unmarshal(v.Output, &out))
			onEach(t, func(t *testing.T, opens func() *state.Backend) {
				ctx, store := writable(t), opens().Store("early-exit-cache")
				for key, metadata := range in.Stored {
					require.NoError(t, store.Set(ctx, key, map[string]any{"applied_count": 0}, metadata))
				}
				for key, metadata := range in.Stored {
					found, exists, err := store.Head(ctx, key)
					require.NoError(t, err)
					require.True(t, exists)
					require.Equal(t, metadata, found)
				}
				exists, err := store.Exists(ctx, out.Key)
				require.NoError(t, err)
				_, stored := in.Stored[out.Key]
				require.Equal(t, stored, exists)
			})
		})
	}
}
