package state_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
)

func TestAFolderHasTheLayoutOfTheBucket(t *testing.T) {
	folder := t.TempDir()
	store := at("file://" + folder).Store("sql-query")
	require.NoError(t, store.Set(writable(t), "app/query", "DONE", nil))
	text, err := os.ReadFile(filepath.Join(folder, "state", "sql-query", "app", "query"))
	require.NoError(t, err)
	require.Equal(t, `"DONE"`, string(text))

	// A value that somebody put there by hand has no file with metadata.
	require.NoError(t, os.WriteFile(filepath.Join(folder, "state", "sql-query", "other"), []byte("1743000000.5\n"), 0o600))
	requireValue(t, store, "other", "1743000000.5")
	require.NoError(t, store.Update(writable(t), "other", func(old state.Entry) (state.Entry, error) { return old.With("DONE") }))
	requireValue(t, store, "other", `"DONE"`)
}

// TestAValueThatIsStoredAnewKeepsNoMetadata is as in S3. The S3 server of the tests keeps it, which S3 does not.
func TestAValueThatIsStoredAnewKeepsNoMetadata(t *testing.T) {
	ctx, store := writable(t), at("file://"+t.TempDir()).Store("sql-query")
	require.NoError(t, store.Set(ctx, "query", 1, map[string]string{"by": "hand"}))
	require.NoError(t, store.Set(ctx, "query", 2, nil))
	metadata, exists, err := store.Head(ctx, "query")
	require.NoError(t, err)
	require.True(t, exists)
	require.Empty(t, metadata)
}

func TestAFolderPassesOverWhatAKilledWriteLeft(t *testing.T) {
	folder := t.TempDir()
	store := at("file://" + folder).Store("sql-query")
	require.NoError(t, store.Set(writable(t), "query", 1, nil))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "state", "sql-query", "query.187b2c3d4e5f6071.tmp"), []byte("{"), 0o600))
	keys, err := store.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"query"}, keys)
}

func TestAFolderRefusesAKeyThatBeginsAnother(t *testing.T) {
	ctx, store := writable(t), at("file://"+t.TempDir()).Store("ocm-upgrade-scheduler-org")
	require.NoError(t, store.Set(ctx, "ocm/org", 1, nil))
	err := store.Set(ctx, "ocm/org/addon", 2, nil)
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.ErrorContains(t, err, "cannot be both a value and the beginning of another key")
	_, err = store.Get(ctx, "ocm/org/addon")
	require.Error(t, err)
	requireValue(t, store, "ocm/org", "1")
}

func TestABodyThatIsNotJSONIsLeftAlone(t *testing.T) {
	folder := t.TempDir()
	ctx, store := writable(t), at("file://"+folder).Store("sql-query")
	require.NoError(t, store.Set(ctx, "query", 1, nil))
	file := filepath.Join(folder, "state", "sql-query", "query")
	require.NoError(t, os.WriteFile(file, []byte("{half"), 0o600))
	_, err := store.Get(ctx, "query")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.ErrorContains(t, err, "it is not JSON")
	err = store.Update(ctx, "query", increment)
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "{half", string(text))
}
