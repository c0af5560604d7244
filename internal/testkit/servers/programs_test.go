package servers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFindProgram(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	_, err := findProgram("moon-server", "moon")
	require.ErrorIs(t, err, ErrNotInstalled)
	require.EqualError(t, err, "moon-server is not installed: install it (Debian's package is moon), or put it on PATH")
	program := filepath.Join(folder, "moon-server")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	found, err := findProgram("moon-server", "moon")
	require.NoError(t, err)
	require.Equal(t, program, found)
}
