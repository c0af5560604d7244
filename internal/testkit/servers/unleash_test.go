package servers_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

func TestUnleashServesTogglesFromPostgres(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	began := time.Now()
	u, err := servers.StartUnleash(ctx)
	require.NoError(t, err)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	require.NoError(t, u.CreateToggle(ctx, "teams"))
	require.NoError(t, u.Switch(ctx, "teams", false))
	require.ErrorContains(t, u.CreateToggle(ctx, "teams"), "409", "it keeps what it was told")
	require.ErrorContains(t, u.Admin(ctx, http.MethodGet, "/projects/none/features/teams", nil), "404")
	require.NoError(t, u.Stop())
	require.ErrorContains(t, u.Switch(ctx, "teams", true), "connection refused", "a stopped server listens no more")
}

func TestUnleashThatIsNotInstalledIsNamedWithTheRemedy(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("QT_TOOLS", t.TempDir())
	_, err := servers.StartUnleash(t.Context())
	require.ErrorIs(t, err, servers.ErrNotInstalled)
	require.ErrorContains(t, err, "unleash 7.5.1 is not installed: run internal/tools/install.sh unleash")
}
