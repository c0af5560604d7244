package clients_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

// ownVault is a Vault with mounts of both versions, and the [vault] table for it.
func ownVault(t *testing.T) (world *vault.World, table string) {
	t.Helper()
	world, err := vault.New(t.Context(), serverstest.Vault(t), []byte(`mounts:
  one: {version: 1}
  two: {version: 2}
policies:
  worker: |
    path "one/*" { capabilities = ["create", "read", "update"] }
    path "two/*" { capabilities = ["create", "read", "update"] }
roles:
  worker: {roleID: role, secretID: id, policies: [worker]}
`))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.Close()) })
	return world, fmt.Sprintf("[vault]\nserver = %q\nrole_id = \"role\"\nsecret_id = \"id\"\n", world.URL())
}

func token(text string) vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{"token": secret.New(text)})
}

func TestNewSecretsAreKeptInTheVaultOfTheConfigurationFile(t *testing.T) {
	_, table := ownVault(t)
	for name, says := range map[string]string{"read from Vault": "true", "read from the file": "false", "without settings": ""} {
		t.Run(name, func(t *testing.T) {
			app, _ := settings(t, says)
			store := newSet(t, app, table).SecretStore()
			for _, mount := range []string{"one", "two"} {
				path := mount + "/new" + says
				_, err := store.Fetch(t.Context(), path, 0)
				require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
				err = store.Write(t.Context(), path, token("made"))
				require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
				require.NoError(t, store.Write(readonly.Grant(t.Context()), path, token("made")))
				found, err := store.Fetch(t.Context(), path, 0)
				require.NoError(t, err)
				require.True(t, found.Data.Equal(token("made")))
			}
		})
	}
}

func TestASecretIsFetchedAsItIsNow(t *testing.T) {
	_, table := ownVault(t)
	app, _ := settings(t, "true")
	set, other := newSet(t, app, table), newSet(t, app, table)
	latest := int(vaultapi.Latest)
	for n, text := range []string{"first", "second"} {
		require.NoError(t, set.SecretStore().Write(readonly.Grant(t.Context()), "two/key", token(text)))
		for _, store := range []clients.SecretStore{set.SecretStore(), other.SecretStore()} {
			found, err := store.Fetch(t.Context(), "two/key", 0)
			require.NoError(t, err)
			require.Equal(t, n+1, found.Version)
			require.True(t, found.Data.Equal(token(text)))
		}
		value, err := set.Secrets().Read(t.Context(), secret.Ref{Path: "two/key", Field: "token", Version: &latest})
		require.NoError(t, err)
		require.Equal(t, text, value.Reveal(), "who wrote it reads it")
	}
	found, err := set.SecretStore().Fetch(t.Context(), "two/key", 1)
	require.NoError(t, err)
	require.True(t, found.Data.Equal(token("first")))
}

func TestWhatReadsAndWritesSecretsSharesALogin(t *testing.T) {
	world, table := ownVault(t)
	app, _ := settings(t, "true")
	set := newSet(t, app, table)
	require.NoError(t, set.SecretStore().Write(readonly.Grant(t.Context()), "one/key", token("made")))
	_, err := set.Secrets().Read(t.Context(), secret.Ref{Path: "one/key", Field: "token"})
	require.NoError(t, err)
	logins := slices.DeleteFunc(world.Faults.Calls(), func(c fault.Call) bool { return !strings.HasSuffix(c.Path, "/login") })
	require.Len(t, logins, 1)

	set.Close()
	_, err = set.SecretStore().Fetch(t.Context(), "one/key", 0)
	require.ErrorContains(t, err, "the client is closed")
}

func TestWithoutAVaultTableThereIsNoPlaceForNewSecrets(t *testing.T) {
	app, _ := settings(t, "true")
	reader, err := appinterface.New(appinterface.Config{URL: app})
	require.NoError(t, err)
	for file, set := range map[string]*clients.Set{
		"config.toml": newSet(t, app, ""), "the configuration file": clients.New(reader, untouchable{t}),
	} {
		_, err := set.SecretStore().Fetch(t.Context(), "one/key", 0)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "there is no Vault to keep new secrets in: add a [vault] table to "+file)
		require.Equal(t, err, set.SecretStore().Write(readonly.Grant(t.Context()), "one/key", token("made")))
	}
}
