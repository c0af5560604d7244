package servers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

func TestAChildIsKilledAsInACrash(t *testing.T) {
	program, err := exec.LookPath("sh")
	require.NoError(t, err)
	started := filepath.Join(t.TempDir(), "started")
	c, err := servers.StartChild(program, map[string]string{"config": "from the file"}, []string{"STARTED=" + started}, "-c", `cp config "$STARTED" && sleep 600`)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Stop() })
	require.Eventually(t, func() bool {
		_, err := os.Stat(started)
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Err())
	require.NoError(t, c.Kill())
	require.Error(t, c.Err())
}

func TestAChildThatEndsByItselfIsNotTakenForKilled(t *testing.T) {
	program, err := exec.LookPath("sh")
	require.NoError(t, err)
	c, err := servers.StartChild(program, nil, nil, "-c", "echo cannot go on; exit 3")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	require.Eventually(t, func() bool { return c.Err() != nil }, 20*time.Second, 10*time.Millisecond)
	require.ErrorContains(t, c.Err(), "exit status 3")
	require.ErrorContains(t, c.Kill(), "cannot go on")
}
