package vectors_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/vectors"
)

func write(t *testing.T, content string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "sums.jsonl"), []byte(content), 0o600))
	t.Setenv(vectors.FolderVariable, folder)
}

func TestEachRunsEveryVectorOnce(t *testing.T) {
	write(t, `{"id":"a","input":{"n":1.0},"output":2}`+"\n\n"+`{"id":"b","input":{},"error":"Bad"}`+"\n")
	var seen []string
	vectors.Each(t, "sums", map[string]string{"b": "ours accepts it"}, func(t require.TestingT, v vectors.Vector) {
		seen = append(seen, v.ID)
		require.False(t, v.Fails(), "ours accepts what the reference refuses")
	})
	require.Equal(t, []string{"a", "b"}, seen)
}

func TestLoad(t *testing.T) {
	for _, tc := range []struct {
		name    string
		content string
		message string
	}{
		{"a broken line is named", "{\"id\":\"a\",\"output\":1}\n{", "sums, line 2"},
		{"an empty set is an error, not a silent success", "\n", "sums is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			write(t, tc.content)
			_, err := vectors.Load("sums")
			require.ErrorContains(t, err, tc.message)
		})
	}
	t.Run("a set that is not there is an error", func(t *testing.T) {
		t.Setenv(vectors.FolderVariable, t.TempDir())
		_, err := vectors.Load("sums")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
}

func TestDecodeKeepsTheLiteralOfANumber(t *testing.T) {
	var value map[string]any
	require.NoError(t, vectors.Decode([]byte(`{"n":1.0}`), &value))
	require.Equal(t, json.Number("1.0"), value["n"])
}
