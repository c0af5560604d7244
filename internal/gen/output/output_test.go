package output_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/gen/output"
)

func TestOnlyStaleFilesAreWritten(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "kept"), []byte("kept"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "old"), []byte("old"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "gone"), []byte("gone"), 0o600))
	files := output.Files{"kept": []byte("kept"), "old": []byte("new"), "gone": nil, "never": nil, "folder/fresh": []byte("fresh")}
	stale, err := files.Stale(root)
	require.NoError(t, err)
	require.Equal(t, []string{"folder/fresh", "gone", "old"}, stale)

	require.NoError(t, files.Write(root, stale))
	stale, err = files.Stale(root)
	require.NoError(t, err)
	require.Empty(t, stale)
	require.NoFileExists(t, filepath.Join(root, "gone"))
	text, err := os.ReadFile(filepath.Join(root, "folder/fresh"))
	require.NoError(t, err)
	require.Equal(t, "fresh", string(text))
	leftovers, err := filepath.Glob(filepath.Join(root, "*.tmp"))
	require.NoError(t, err)
	require.Empty(t, leftovers)
}
