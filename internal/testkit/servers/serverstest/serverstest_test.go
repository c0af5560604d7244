package serverstest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

func TestTheTestsOfABinaryShareTheirServers(t *testing.T) {
	require.Same(t, serverstest.Temporal(t), serverstest.Temporal(t))
	require.Same(t, serverstest.Kube(t), serverstest.Kube(t))
}

func TestServersOfTheEnvironmentAreUsed(t *testing.T) {
	address := os.Getenv(servers.EnvTemporal)
	if address == "" {
		t.Skip("no server is named in the environment: make test names them")
	}
	require.Equal(t, address, serverstest.Temporal(t).HostPort)
	require.Equal(t, os.Getenv(servers.EnvKube), serverstest.Kube(t).URL)
}
