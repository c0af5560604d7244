package earlyexit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/earlyexit"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// lookup is the input of a vector of the kind early-exit-cache.
type lookup struct {
	Kind        string `json:"kind"`
	Integration string `json:"integration"`
	Version     string `json:"integration_version"`
	DryRun      bool   `json:"dry_run"`
	Digest      string `json:"digest"`
	Shard       string `json:"shard"`
	// Stored is the metadata of the entries by key.
	Stored map[string]map[string]string `json:"stored_metadata"`
	Now    int64                        `json:"now"`
}

// found is its output.
type found struct {
	Key    string           `json:"key"`
	Status earlyexit.Status `json:"status"`
	Latest string           `json:"latest_cache_source_digest"`
}

// lifetime is the input and the output of a vector of the kind early-exit-ttl.
type lifetime struct {
	Kind    string `json:"kind"`
	Applied int    `json:"applied_count"`
	Given   int    `json:"ttl_seconds"`
	TTL     int    `json:"ttl"`
}

func TestLookupVectors(t *testing.T) {
	seen := 0
	for _, v := range all(t) {
		var in lookup
		require.NoError(t, json.Unmarshal(v.Input, &in))
		if in.Kind != "early-exit-cache" {
			continue
		}
		seen++
		t.Run(v.ID, func(t *testing.T) {
			var want found
			require.NoError(t, json.Unmarshal(v.Output, &want))
			store := folder(t)
			for path, metadata := range in.Stored {
				require.NoError(t, store.Set(readonly.Grant(t.Context()), path, nil, metadata))
			}
			k := earlyexit.Key{Integration: in.Integration, Version: in.Version, DryRun: in.DryRun, Digest: in.Digest, Shard: in.Shard}
			path, err := k.Path()
			require.NoError(t, err)
			require.Equal(t, want.Key, path)
			at := &clock{at: time.Unix(in.Now, 0)}
			head, err := earlyexit.New(store, at.now).Head(t.Context(), k)
			require.NoError(t, err)
			require.Equal(t, earlyexit.Head{Status: want.Status, Latest: want.Latest}, head)
		})
	}
	require.NotZero(t, seen)
}

func TestLifetimeVectors(t *testing.T) {
	seen := 0
	for _, v := range all(t) {
		var of lifetime
		require.NoError(t, json.Unmarshal(v.Input, &of))
		if of.Kind != "early-exit-ttl" {
			continue
		}
		seen++
		t.Run(v.ID, func(t *testing.T) {
			require.NoError(t, json.Unmarshal(v.Output, &of))
			at := newClock()
			c := earlyexit.New(folder(t), at.now)
			require.NoError(t, c.Set(t.Context(), key(false, "d1"), earlyexit.Value{AppliedCount: of.Applied}, time.Duration(of.Given)*time.Second, ""))
			status := func(after int) earlyexit.Status {
				at.at = newClock().at.Add(time.Duration(after) * time.Second)
				head, err := c.Head(t.Context(), key(false, "d1"))
				require.NoError(t, err)
				return head.Status
			}
			if of.TTL > 0 {
				require.Equal(t, earlyexit.Hit, status(of.TTL-1))
			}
			require.Equal(t, earlyexit.Expired, status(of.TTL))
		})
	}
	require.NotZero(t, seen)
}

func all(t *testing.T) []vectors.Vector {
	t.Helper()
	all, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	return all
}
