package servers

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServersThatStartTogetherDoNotSweepEachOthersFolders(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var mu sync.Mutex
	var made []*workdir
	var starting sync.WaitGroup
	for range 16 {
		starting.Go(func() {
			for range 20 {
				dir, err := newWorkdir()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				made = append(made, dir)
				mu.Unlock()
			}
		})
	}
	starting.Wait()
	for _, dir := range made {
		require.DirExists(t, dir.path)
		require.NoError(t, dir.remove())
	}
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}
