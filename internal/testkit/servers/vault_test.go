package servers_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// mounts asks a Vault for its mounts.
func mounts(t *testing.T, address, token string) (status int, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/v1/sys/mounts", nil)
	require.NoError(t, err)
	req.Header.Set("X-Vault-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, nil
}

func TestVaultsAreApart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	t.Cleanup(cancel)
	began := time.Now()
	running, err := servers.StartVaults(ctx, 2)
	t.Cleanup(func() {
		for _, v := range running {
			_ = v.Stop()
		}
	})
	require.NoError(t, err)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	first, second := running[0], running[1]
	for _, tc := range []struct {
		name, address, token string
		status               int
	}{
		{"a token opens its server", first.Address, first.Token, http.StatusOK},
		{"the other's token opens the other", second.Address, second.Token, http.StatusOK},
		{"a token of another server is refused", first.Address, second.Token, http.StatusForbidden},
		{"without token nothing opens", first.Address, "", http.StatusForbidden},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, err := mounts(t, tc.address, tc.token)
			require.NoError(t, err)
			require.Equal(t, tc.status, status)
		})
	}
	for _, process := range commandLines(t) {
		require.NotContains(t, process, first.Token, "a root token stands on no command line")
	}
	require.NoError(t, first.Stop())
	_, err = mounts(t, first.Address, first.Token)
	require.ErrorContains(t, err, "connection refused")
}

// commandLines are those of all processes of the machine, where it shows them.
func commandLines(t *testing.T) []string {
	t.Helper()
	processes, err := os.ReadDir("/proc")
	if err != nil {
		t.Logf("command lines are not looked at: %v", err)
		return nil
	}
	var lines []string
	for _, process := range processes {
		text, err := os.ReadFile("/proc/" + process.Name() + "/cmdline")
		if err == nil {
			lines = append(lines, string(text))
		}
	}
	require.Contains(t, strings.Join(lines, "\n"), "-dev-no-store-token", "the server itself is among them")
	return lines
}

func TestAMissingVaultIsNamedWithTheRemedy(t *testing.T) {
	t.Setenv("QT_TOOLS", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	t.Setenv("KUBEBUILDER_ASSETS", "")
	_, err := servers.StartVault(t.Context())
	require.ErrorIs(t, err, servers.ErrNotInstalled)
	require.ErrorContains(t, err, "run internal/tools/install.sh vault-plugin-auth-kubernetes, or put it on PATH")
}

func TestRunningVaultsComeFromTheEnvironment(t *testing.T) {
	t.Setenv(servers.EnvVaults, "")
	t.Setenv(servers.EnvVaultTokens, "")
	_, ok, err := servers.RunningVaults()
	require.NoError(t, err)
	require.False(t, ok)

	given := []*servers.Vault{{Address: "http://one:8200", Token: "first"}, {Address: "http://two:8200", Token: "second"}}
	for _, variable := range servers.VaultsEnv(given) {
		key, value, _ := strings.Cut(variable, "=")
		t.Setenv(key, value)
	}
	running, ok, err := servers.RunningVaults()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, given, running)
	require.NoError(t, running[0].Stop(), "a server that somebody else runs is left alone")

	t.Setenv(servers.EnvVaultTokens, "first")
	_, _, err = servers.RunningVaults()
	require.ErrorContains(t, err, "QT_VAULT_ADDRESSES names 2 servers and QT_VAULT_TOKENS has 1 tokens")
	require.NotContains(t, err.Error(), "first")
}
