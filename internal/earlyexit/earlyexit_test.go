package earlyexit_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/earlyexit"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{at: time.Unix(1931241600, 0)} }

func storeAt(url string) *state.Store {
	return state.New(state.Options{Getenv: func(name string) string {
		if name == state.EnvURL {
			return url
		}
		return ""
	}}).Store(earlyexit.Integration)
}

func folder(t *testing.T) *state.Store {
	t.Helper()
	return storeAt("file://" + t.TempDir())
}

// onEach runs the test on every kind of bucket.
func onEach(t *testing.T, test func(t *testing.T, store *state.Store)) {
	t.Helper()
	t.Run("S3", func(t *testing.T) {
		nothing := filepath.Join(t.TempDir(), "nothing")
		for name, value := range map[string]string{
			"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_PROFILE": "", "AWS_REGION": "",
			"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
		} {
			t.Setenv(name, value)
		}
		objects := s3mem.New()
		require.NoError(t, objects.CreateBucket("estate"))
		server := httptest.NewServer(gofakes3.New(objects).Server())
		t.Cleanup(server.Close)
		test(t, storeAt("s3://estate?region=us-east-1&endpoint="+url.QueryEscape(server.URL)))
	})
	t.Run("a folder", func(t *testing.T) { test(t, folder(t)) })
}

func key(dry bool, digest string) earlyexit.Key {
	return earlyexit.Key{Integration: "terraform-resources", Version: "0.5.2", DryRun: dry, Shard: "prod", Digest: digest}
}

// runner counts its runs.
type runner struct {
	runs    int
	applied int
	err     error
}

func (r *runner) run(context.Context) (earlyexit.Value, error) {
	r.runs++
	return earlyexit.Value{Payload: json.RawMessage(`{"n": 1}`), LogOutput: "done\n", AppliedCount: r.applied}, r.err
}

func TestARunWithoutChangesIsNotRepeated(t *testing.T) {
	onEach(t, func(t *testing.T, store *state.Store) {
		at, r := newClock(), &runner{}
		c := earlyexit.New(store, at.now)
		for i, want := range []earlyexit.Status{earlyexit.Miss, earlyexit.Hit, earlyexit.Hit} {
			value, status, err := c.Run(t.Context(), key(false, "d1"), time.Hour, r.run)
			require.NoError(t, err)
			require.Equal(t, want, status, "run %d", i)
			require.Equal(t, "done\n", value.LogOutput)
			require.JSONEq(t, `{"n": 1}`, string(value.Payload))
		}
		require.Equal(t, 1, r.runs)

		at.at = at.at.Add(time.Hour)
		_, status, err := c.Run(t.Context(), key(false, "d1"), time.Hour, r.run)
		require.NoError(t, err)
		require.Equal(t, earlyexit.Expired, status)
		_, status, err = c.Run(t.Context(), key(false, "d2"), time.Hour, r.run)
		require.NoError(t, err)
		require.Equal(t, earlyexit.Miss, status, "other inputs")
		require.Equal(t, 3, r.runs)
	})
}

func TestARunWithChangesIsRepeatedForReal(t *testing.T) {
	onEach(t, func(t *testing.T, store *state.Store) {
		c, r := earlyexit.New(store, newClock().now), &runner{applied: 2}
		for _, want := range []earlyexit.Status{earlyexit.Miss, earlyexit.Expired} {
			_, status, err := c.Run(t.Context(), key(false, "d1"), time.Hour, r.run)
			require.NoError(t, err)
			require.Equal(t, want, status)
		}
		require.Equal(t, 2, r.runs)
		value, err := c.Get(t.Context(), key(false, "d1"))
		require.NoError(t, err)
		require.Equal(t, 2, value.AppliedCount, "what it did can be looked up all the same")
	})
}

func TestADryRunFromBeforeARealRunWithOtherInputsIsStale(t *testing.T) {
	onEach(t, func(t *testing.T, store *state.Store) {
		c, dry, wet := earlyexit.New(store, newClock().now), &runner{}, &runner{applied: 1}
		run := func(k earlyexit.Key, r *runner) earlyexit.Status {
			_, status, err := c.Run(t.Context(), k, time.Hour, r.run)
			require.NoError(t, err)
			return status
		}
		require.Equal(t, earlyexit.Miss, run(key(false, "d1"), wet))
		require.Equal(t, earlyexit.Miss, run(key(true, "d2"), dry))
		require.Equal(t, earlyexit.Hit, run(key(true, "d2"), dry))
		require.Equal(t, earlyexit.Miss, run(key(false, "d3"), wet))
		require.Equal(t, earlyexit.Stale, run(key(true, "d2"), dry))
		require.Equal(t, earlyexit.Hit, run(key(true, "d2"), dry), "the new outcome knows the real run")
		require.Equal(t, 2, dry.runs)
	})
}

func TestAFailureIsNotRemembered(t *testing.T) {
	c, r := earlyexit.New(folder(t), newClock().now), &runner{err: errors.New("no such account")}
	for range 2 {
		_, status, err := c.Run(t.Context(), key(false, "d1"), time.Hour, r.run)
		require.EqualError(t, err, "no such account")
		require.Equal(t, earlyexit.Miss, status)
	}
	require.Equal(t, 2, r.runs)
	_, err := c.Get(t.Context(), key(false, "d1"))
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}

func TestFailureMode14_TwoShardsNeverShareAnEntry(t *testing.T) {
	onEach(t, func(t *testing.T, store *state.Store) {
		c := earlyexit.New(store, newClock().now)
		for _, dry := range []bool{false, true} {
			for _, shard := range []string{"prod", "stage"} {
				k, r := key(dry, "d1"), &runner{}
				k.Shard = shard
				_, status, err := c.Run(t.Context(), k, time.Hour, r.run)
				require.NoError(t, err)
				require.Equal(t, earlyexit.Miss, status, "the entry of another shard does not answer for %s", shard)
				require.Equal(t, 1, r.runs)
			}
		}
	})
}

func TestFailureMode14_EveryFieldOfAKeyTellsEntriesApart(t *testing.T) {
	seen := map[string]earlyexit.Key{}
	texts := []string{"a", "b", "latest", "dry-run", "no-dry-run"}
	for _, integration := range texts {
		for _, version := range texts {
			for _, shard := range append([]string{"", "a/b", "b/latest", "dry-run/a"}, texts...) {
				for _, digest := range texts {
					for _, dry := range []bool{false, true} {
						k := earlyexit.Key{Integration: integration, Version: version, DryRun: dry, Shard: shard, Digest: digest}
						path, err := k.Path()
						require.NoError(t, err)
						if !dry {
							// Real runs have one entry, which names its digest.
							k.Digest = ""
						}
						if other, taken := seen[path]; taken {
							require.Equal(t, other, k, path)
						}
						seen[path] = k
					}
				}
			}
		}
	}
}

func TestAKeyHasItsParts(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*earlyexit.Key)
		err    string
	}{
		{"no integration", func(k *earlyexit.Key) { k.Integration = "" }, `the integration is ""`},
		{"no version", func(k *earlyexit.Key) { k.Version = "" }, `the version is ""`},
		{"no digest", func(k *earlyexit.Key) { k.Digest = "" }, `the digest is ""`},
		{"a digest with a slash", func(k *earlyexit.Key) { k.Digest = "a/b" }, `the digest is "a/b"`},
		{"a shard that ends with a slash", func(k *earlyexit.Key) { k.Shard = "a/" }, `the shard is "a/"`},
		{"a shard with an empty part", func(k *earlyexit.Key) { k.Shard = "a//b" }, `the shard is "a//b"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := key(true, "d1")
			tc.change(&k)
			c := earlyexit.New(folder(t), newClock().now)
			_, err := c.Head(t.Context(), k)
			require.ErrorContains(t, err, tc.err)
			require.ErrorContains(t, c.Set(t.Context(), k, earlyexit.Value{}, time.Hour, ""), tc.err)
			_, err = c.Get(t.Context(), k)
			require.ErrorContains(t, err, tc.err)
			require.ErrorContains(t, c.Delete(t.Context(), k), tc.err)
		})
	}
}

func TestAnEntryIsRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, store *state.Store) {
		c, r := earlyexit.New(store, newClock().now), &runner{}
		_, _, err := c.Run(t.Context(), key(true, "d1"), time.Hour, r.run)
		require.NoError(t, err)
		require.NoError(t, c.Delete(t.Context(), key(true, "d1")))
		head, err := c.Head(t.Context(), key(true, "d1"))
		require.NoError(t, err)
		require.Equal(t, earlyexit.Miss, head.Status)
		require.True(t, apierr.Is(c.Delete(t.Context(), key(true, "d1")), apierr.Missing))
	})
}

func TestDigests(t *testing.T) {
	one, err := earlyexit.Digest(map[string]any{"a": []int{1, 2}, "b": "x"})
	require.NoError(t, err)
	same, err := earlyexit.DigestJSON(json.RawMessage(`{"b": "x", "a": [1, 2]}`))
	require.NoError(t, err)
	require.Equal(t, one, same)
	other, err := earlyexit.DigestJSON(json.RawMessage(`{"b": "x", "a": [2, 1]}`))
	require.NoError(t, err)
	require.NotEqual(t, one, other)
	_, err = earlyexit.DigestJSON(json.RawMessage(`{`))
	require.ErrorContains(t, err, "not JSON")
}
