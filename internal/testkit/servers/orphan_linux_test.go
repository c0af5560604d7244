package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const orphanEnv = "QT_TEST_ORPHAN"

// TestOrphanHelper is the process that TestServersDieWithTheirParent kills.
func TestOrphanHelper(t *testing.T) {
	if os.Getenv(orphanEnv) == "" {
		t.Skip("runs only as a part of TestServersDieWithTheirParent")
	}
	server, err := servers.StartTemporal(t.Context(), servers.TemporalOptions{})
	require.NoError(t, err)
	fmt.Println("\naddress " + server.HostPort)
	<-t.Context().Done()
}

func TestServersDieWithTheirParent(t *testing.T) {
	ctx := installed(t, "temporal")
	temporary := t.TempDir()
	helper := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestOrphanHelper$")
	helper.Env = append(os.Environ(), orphanEnv+"=yes", "TMPDIR="+temporary)
	out, err := helper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, helper.Start())
	t.Cleanup(func() { _ = helper.Wait() })
	var address string
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		if found, ok := strings.CutPrefix(lines.Text(), "address "); ok {
			address = found
		}
	}
	require.NoError(t, reach(ctx, address))

	require.NoError(t, helper.Process.Kill())
	require.Eventually(t, func() bool { return reach(ctx, address) != nil }, 10*time.Second, 20*time.Millisecond)

	left, err := filepath.Glob(filepath.Join(temporary, "qontract-servers-*"))
	require.NoError(t, err)
	require.Len(t, left, 1, "the killed process could not remove its server's folder")
	t.Setenv("TMPDIR", temporary)
	server, err := servers.StartTemporal(ctx, servers.TemporalOptions{})
	require.NoError(t, err)
	require.NoDirExists(t, left[0], "the next server removes it")
	require.NoError(t, server.Stop())
}

func reach(ctx context.Context, address string) error {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}
