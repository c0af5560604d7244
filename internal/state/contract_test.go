package state_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// at returns a backend at the URL.
func at(url string) *state.Backend {
	return state.New(state.Options{Getenv: func(name string) string {
		if name == state.EnvURL {
			return url
		}
		return ""
	}})
}

// writable is a context that may write.
func writable(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

// plainAWS keeps the configuration of the machine out of a test.
func plainAWS(t *testing.T) {
	t.Helper()
	nothing := filepath.Join(t.TempDir(), "nothing")
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_PROFILE": "", "AWS_REGION": "",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "hunter2",
	} {
		t.Setenv(name, value)
	}
}

// s3URL is the state's URL for a server that speaks S3.
func s3URL(server string) string {
	return "s3://estate?region=us-east-1&endpoint=" + url.QueryEscape(server)
}

// fakeS3 starts a server with the bucket estate.
func fakeS3(t *testing.T) (serverURL string, objects gofakes3.Backend) {
	t.Helper()
	plainAWS(t)
	objects = s3mem.New()
	require.NoError(t, objects.CreateBucket("estate"))
	server := httptest.NewServer(gofakes3.New(objects).Server())
	t.Cleanup(server.Close)
	return server.URL, objects
}

// said is a state.Options.At.
func said(server string) func() (state.S3, error) {
	return func() (state.S3, error) { return state.S3{Endpoint: server, Bucket: "estate"}, nil }
}

// onEach runs the test on every kind of bucket. Each call of opens is as if another process opened it.
func onEach(t *testing.T, test func(t *testing.T, opens func() *state.Backend)) {
	t.Helper()
	t.Run("S3", func(t *testing.T) {
		server, _ := fakeS3(t)
		test(t, func() *state.Backend { return at(s3URL(server)) })
	})
	t.Run("S3 where the program says", func(t *testing.T) {
		server, _ := fakeS3(t)
		test(t, func() *state.Backend { return state.New(state.Options{At: said(server)}) })
	})
	t.Run("a folder", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "not", "there", "yet")
		test(t, func() *state.Backend { return at("file://" + folder) })
	})
}

type record struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

func TestWhatIsStoredIsRead(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, store := writable(t), opens().Store("sql-query")
		metadata := map[string]string{"expire-at": "1931241700", "note": "50% of a=b"}
		require.NoError(t, store.Add(ctx, "app/query", record{"<a & b>", 1 << 60}, metadata))

		other := opens().Store("sql-query")
		found, err := other.Get(t.Context(), "app/query")
		require.NoError(t, err)
		require.True(t, found.Exists())
		require.Equal(t, metadata, found.Metadata)
		require.JSONEq(t, `{"name": "<a & b>", "count": 1152921504606846976}`, string(found.Value))
		require.NotContains(t, string(found.Value), `\u003c`)
		var got record
		require.NoError(t, found.Decode(&got))
		require.Equal(t, record{"<a & b>", 1 << 60}, got)

		head, exists, err := other.Head(t.Context(), "app/query")
		require.NoError(t, err)
		require.True(t, exists)
		require.Equal(t, metadata, head)
		var number int
		require.ErrorContains(t, found.Decode(&number), "the value does not fit")
	})
}

func TestAKeyThatIsNotThereIsMissing(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		store := opens().Store("sql-query")
		_, err := store.Get(t.Context(), "gone")
		require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
		require.ErrorContains(t, err, "read state state/sql-query/gone: there is no such key")
		exists, err := store.Exists(t.Context(), "gone")
		require.NoError(t, err)
		require.False(t, exists)
		metadata, exists, err := store.Head(t.Context(), "gone")
		require.NoError(t, err)
		require.False(t, exists)
		require.Empty(t, metadata)
		err = store.Remove(writable(t), "gone")
		require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
		keys, err := store.List(t.Context())
		require.NoError(t, err)
		require.Empty(t, keys)
		_, err = store.Get(t.Context(), "")
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	})
}

func TestAddOverwritesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, store := writable(t), opens().Store("email-sender")
		require.NoError(t, store.Add(ctx, "mail", 1, nil))
		err := store.Add(ctx, "mail", 2, nil)
		require.True(t, apierr.Is(err, apierr.Conflict), "%v", err)
		require.ErrorContains(t, err, "write state state/email-sender/mail: it is there already")
		requireValue(t, store, "mail", "1")

		require.NoError(t, store.Set(ctx, "mail", 3, map[string]string{"by": "hand"}))
		requireValue(t, store, "mail", "3")
		require.NoError(t, store.Set(ctx, "mail", 4, map[string]string{"by": "machine"}))
		metadata, _, err := store.Head(t.Context(), "mail")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"by": "machine"}, metadata)

		require.NoError(t, store.Remove(ctx, "mail"))
		require.NoError(t, store.Add(ctx, "mail", nil, nil))
		requireValue(t, store, "mail", "null")
	})
}

func requireValue(t *testing.T, store *state.Store, key, value string) {
	t.Helper()
	found, err := store.Get(t.Context(), key)
	require.NoError(t, err)
	require.True(t, found.Exists())
	require.JSONEq(t, value, string(found.Value))
}

func TestKeysAreListedByIntegration(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, backend := writable(t), opens()
		for integration, keys := range map[string][]string{
			"statuspage": {"notifications/one", "notifications/two", "notificationsX", "api"}, "statuspage-2": {"api"},
		} {
			for _, key := range keys {
				require.NoError(t, backend.Store(integration).Set(ctx, key, key, nil))
			}
		}
		store := backend.Store("statuspage")
		keys, err := store.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"api", "notifications/one", "notifications/two", "notificationsX"}, keys)
		keys, err = backend.Store("").List(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{
			"statuspage-2/api", "statuspage/api", "statuspage/notifications/one", "statuspage/notifications/two", "statuspage/notificationsX",
		}, keys)
		requireValue(t, backend.Store(""), "statuspage/api", `"api"`)
		require.ErrorContains(t, backend.Store("").Set(ctx, "api", 1, nil), "name the integration")

		for _, prefix := range []string{"notifications", "notifications/"} {
			all, err := store.GetAll(t.Context(), prefix)
			require.NoError(t, err)
			require.Len(t, all, 2)
			require.JSONEq(t, `"notifications/one"`, string(all["one"].Value))
			require.JSONEq(t, `"notifications/two"`, string(all["two"].Value))
		}
		all, err := store.GetAll(t.Context(), "")
		require.NoError(t, err)
		require.Len(t, all, 4)
		require.True(t, all["notifications/one"].Exists())
		all, err = store.GetAll(t.Context(), "nothing")
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

func TestMoreKeysThanAPageAreListed(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		ctx, store := writable(t), opens().Store("openshift-saas-deploy")
		// In a folder a-1 comes after all of a/, in the order of the keys before them.
		want := []string{"a-1"}
		for i := range 1010 {
			want = append(want, fmt.Sprintf("a/%04d", i))
		}
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for i := worker; i < len(want); i += 4 {
					if err := store.Set(ctx, want[i], i, nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		keys, err := store.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, keys)
	})
}

func TestWritesOutsideApplyAreRefused(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		store := opens().Store("sql-query")
		require.NoError(t, store.Add(writable(t), "there", 1, nil))
		for name, write := range map[string]func(context.Context) error{
			"add":    func(ctx context.Context) error { return store.Add(ctx, "new", 1, nil) },
			"set":    func(ctx context.Context) error { return store.Set(ctx, "there", 2, nil) },
			"remove": func(ctx context.Context) error { return store.Remove(ctx, "there") },
			"update": func(ctx context.Context) error {
				return store.Update(ctx, "there", func(old state.Entry) (state.Entry, error) { return old.With(3) })
			},
		} {
			err := write(t.Context())
			require.True(t, apierr.Is(err, apierr.Guard), "%s: %v", name, err)
			require.ErrorContains(t, err, "refused to write outside apply")
		}
		keys, err := store.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"there"}, keys)
		requireValue(t, store, "there", "1")
	})
}

func TestMetadataKeysAreThoseThatS3Keeps(t *testing.T) {
	onEach(t, func(t *testing.T, opens func() *state.Backend) {
		err := opens().Store("sql-query").Set(writable(t), "key", 1, map[string]string{"Expire At": "x"})
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, `metadata key "Expire At"`)
	})
}
