package clients_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/vault/api"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

const (
	inFile  = "from the file"
	inVault = "from Vault"
)

// settings is an app-interface whose settings say where secrets are kept.
func settings(t *testing.T, vault string) (url string, calls *fault.Injector) {
	t.Helper()
	files := fstest.MapFS{"data/.keep": {}}
	if vault != "" {
		files["data/settings.yml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "$schema: /app-interface/app-interface-settings-1.yml\nname: settings\nvault: %s\n", vault)}
	}
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	app.Load(bundle)
	calls = fault.New(app.Handler(), func(*http.Request) bool { return true })
	serving := httptest.NewServer(calls)
	t.Cleanup(serving.Close)
	return serving.URL + "/graphql", calls
}

// vaultTable makes a mount with a secret and a role that may read it, and returns the [vault] table for it.
func vaultTable(t *testing.T) (table, mount string) {
	t.Helper()
	running := serverstest.Vault(t)
	options := api.DefaultConfig()
	options.Address = running.Address
	root, err := api.NewClient(options)
	require.NoError(t, err)
	root.SetToken(running.Token)
	set := func(path string, data map[string]any) map[string]any {
		written, err := root.Logical().WriteWithContext(t.Context(), path, data)
		require.NoError(t, err)
		if written == nil {
			return nil
		}
		return written.Data
	}
	mount = "clients-" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	require.NoError(t, root.Sys().Mount(mount, &api.MountInput{Type: "kv", Options: map[string]string{"version": "1"}}))
	t.Cleanup(func() { _ = root.Sys().Unmount(mount) })
	if err := root.Sys().EnableAuthWithOptions("approle", &api.EnableAuthOptions{Type: "approle"}); err != nil {
		require.ErrorContains(t, err, "path is already in use")
	}
	set(mount+"/creds", map[string]any{"token": inVault})
	require.NoError(t, root.Sys().PutPolicy(mount, `path "`+mount+`/*" { capabilities = ["read"] }`))
	set("auth/approle/role/"+mount, map[string]any{"token_policies": mount})
	set("auth/approle/role/"+mount+"/role-id", map[string]any{"role_id": mount})
	secretID := set("auth/approle/role/"+mount+"/secret-id", nil)["secret_id"]
	return fmt.Sprintf("[vault]\nserver = %q\nrole_id = %q\nsecret_id = %q\n", running.Address, mount, secretID), mount
}

func newSet(t *testing.T, app, tables string) *clients.Set {
	t.Helper()
	loaded, err := config.Parse("config.toml", fmt.Sprintf("[graphql]\nserver = %q\n%s", app, tables))
	require.NoError(t, err)
	set, err := clients.FromConfig(loaded)
	require.NoError(t, err)
	t.Cleanup(set.Close)
	return set
}

func TestSecretsComeFromWhereTheSettingsSay(t *testing.T) {
	table, mount := vaultTable(t)
	file := fmt.Sprintf("[%s.creds]\ntoken = %q\n", mount, inFile)
	for _, tc := range []struct {
		name, vault, table, want string
		asked                    int
	}{
		{"vault: true is Vault", "true", table, inVault, 1},
		{"vault: false is the configuration file", "false", table, inFile, 1},
		{"without settings it is the configuration file", "", table, inFile, 1},
		{"without a vault table nothing is asked", "true", "", inFile, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			app, calls := settings(t, tc.vault)
			secrets := newSet(t, app, tc.table+file).Secrets()
			for range 3 {
				value, err := secrets.Read(t.Context(), secret.Ref{Path: mount + "/creds", Field: "token"})
				require.NoError(t, err)
				require.Equal(t, tc.want, value.Reveal())
				all, err := secrets.ReadAll(t.Context(), secret.Ref{Path: mount + "/creds"})
				require.NoError(t, err)
				require.Equal(t, tc.want, all["token"].Reveal())
			}
			require.Len(t, calls.Calls(), tc.asked)
		})
	}
}

func TestWhereSecretsAreIsNotGuessed(t *testing.T) {
	table, mount := vaultTable(t)
	app, calls := settings(t, "true")
	secrets := newSet(t, app, table).Secrets()
	ref := secret.Ref{Path: mount + "/creds", Field: "token"}
	for n := 1; n <= 20; n++ {
		calls.FailNth(n, fault.Failure{Status: http.StatusForbidden})
	}
	_, err := secrets.Read(t.Context(), ref)
	require.ErrorContains(t, err, "look up where secrets are kept")
	calls.Reset()
	value, err := secrets.Read(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, inVault, value.Reveal())
}

func TestAClosedSetReadsNoMore(t *testing.T) {
	table, mount := vaultTable(t)
	app, _ := settings(t, "true")
	set := newSet(t, app, table)
	ref := secret.Ref{Path: mount + "/creds", Field: "token"}
	_, err := set.Secrets().Read(t.Context(), ref)
	require.NoError(t, err)
	set.Close()
	_, err = set.Secrets().Read(t.Context(), ref)
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, "the client is closed")
}
