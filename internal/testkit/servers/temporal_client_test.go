package servers_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

func dial(t *testing.T, server *servers.Temporal) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: server.HostPort, Namespace: server.Namespace})
	require.NoError(t, err)
	return c
}

func scope(name string) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("Scope").ValueSet(name))
}
