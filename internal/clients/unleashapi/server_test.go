package unleashapi_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/unleashapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// TestOnARealUnleash asks new clients, so that no earlier answer serves.
func TestOnARealUnleash(t *testing.T) {
	server := serverstest.Unleash(t)
	asked := func(t *testing.T, token string) *unleashapi.Client {
		t.Helper()
		c, err := unleashapi.New(unleashapi.Config{URL: server.URL, Token: secret.New(token)})
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c
	}
	ctx := t.Context()
	// Every run of the test has toggles of its own.
	run := "-" + strings.ToLower(rand.Text())
	users, groups, routes, native := "openshift-users"+run, "openshift-groups"+run, "openshift-routes"+run, "native-client"+run

	t.Run("a toggle is on until it is switched off", func(t *testing.T) {
		require.NoError(t, server.CreateToggle(ctx, users))
		require.True(t, asked(t, server.ClientToken).Enabled(ctx, users, false))
		require.NoError(t, server.Switch(ctx, users, false))
		require.False(t, asked(t, server.ClientToken).Enabled(ctx, users, true))
	})
	t.Run("a toggle that nobody made has the fallback", func(t *testing.T) {
		c := asked(t, server.ClientToken)
		require.True(t, c.Enabled(ctx, "unheard-of", true))
		require.False(t, c.Enabled(ctx, "unheard-of", false))
	})
	t.Run("clusters are enabled one by one", func(t *testing.T) {
		require.NoError(t, server.CreateToggle(ctx, native,
			map[string]any{"name": "enableCluster", "parameters": map[string]string{"cluster_name": "prod-1, prod-2"}}))
		c := asked(t, server.ClientToken)
		require.True(t, c.EnabledInCluster(ctx, native, "prod-2", false))
		require.False(t, c.EnabledInCluster(ctx, native, "prod-3", true))
	})
	t.Run("clusters are disabled one by one", func(t *testing.T) {
		require.NoError(t, server.CreateToggle(ctx, routes,
			map[string]any{"name": "disableCluster", "parameters": map[string]string{"cluster_name": "prod-1"}}))
		c := asked(t, server.ClientToken)
		require.False(t, c.EnabledInCluster(ctx, routes, "prod-1", true))
		require.True(t, c.EnabledInCluster(ctx, routes, "prod-2", false))
		require.True(t, c.Enabled(ctx, routes, false))
	})
	t.Run("a wrong token changes nothing", func(t *testing.T) {
		c := asked(t, "*:development.wrong")
		require.True(t, c.Enabled(ctx, users, true))
		require.False(t, c.Enabled(ctx, users, false))
	})
	t.Run("a change reaches a client that has asked before", func(t *testing.T) {
		require.NoError(t, server.CreateToggle(ctx, groups))
		c := asked(t, server.ClientToken)
		require.True(t, c.Enabled(ctx, groups, false))
		require.NoError(t, server.Switch(ctx, groups, false))
		require.Eventually(t, func() bool { return !c.Enabled(ctx, groups, true) }, 20*time.Second, 50*time.Millisecond)
	})
}
