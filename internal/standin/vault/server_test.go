package vault_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	standin "github.com/app-sre/qontract-temporal/internal/standin/vault"
)

const estate = `
mounts:
  creds: {version: 1, secrets: {payer: {id: a}}}
  keys: {version: 2, secrets: {old: {1: {id: a}, 2: {id: b}}}}
roles:
  worker: {roleID: role, secretID: secret-id, policies: []}
`

func client(t *testing.T, secretID string) (*standin.Server, *vaultapi.Client) {
	t.Helper()
	s, err := standin.New([]byte(estate))
	require.NoError(t, err)
	serving := httptest.NewServer(s)
	t.Cleanup(serving.Close)
	c, err := vaultapi.New(vaultapi.Config{Address: serving.URL, Login: vaultapi.AppRole{RoleID: secret.New("role"), SecretID: secret.New(secretID)}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return s, c
}

func id(value string) vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{"id": secret.New(value)})
}

func TestSecretsAreReadAndKeptInVersions(t *testing.T) {
	s, c := client(t, "secret-id")
	value, err := c.Read(t.Context(), secret.Ref{Path: "creds/payer", Field: "id"})
	require.NoError(t, err)
	require.Equal(t, "a", value.Reveal())

	may := readonly.Grant(t.Context())
	require.NoError(t, c.Write(may, "keys/new", id("x")))
	require.NoError(t, c.Write(may, "keys/new", id("x")), "the same content makes no version")
	require.NoError(t, c.Write(may, "keys/new", id("y")))
	found, err := c.Fetch(t.Context(), "keys/new", vaultapi.Latest)
	require.NoError(t, err)
	require.Equal(t, 2, found.Version)
	err = c.WriteVersion(may, "keys/new", id("z"), 1)
	require.True(t, apierr.Is(err, apierr.Conflict), "%v", err)
	require.Equal(t, map[string]any{"1": map[string]any{"id": "x"}, "2": map[string]any{"id": "y"}}, s.Dump().Mounts["keys"].Secrets["new"])

	found, err = c.Fetch(t.Context(), "keys/old", 1)
	require.NoError(t, err)
	require.Equal(t, 1, found.Version)
	for path, version := range map[string]vaultapi.Version{"keys/none": vaultapi.Latest, "keys/old": 3} {
		_, err = c.Fetch(t.Context(), path, version)
		require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	}
}

func TestWhoHasNoRoleIsNotLetIn(t *testing.T) {
	_, c := client(t, "guessed")
	_, err := c.Read(t.Context(), secret.Ref{Path: "creds/payer", Field: "id"})
	require.ErrorIs(t, err, vaultapi.ErrLoginRefused)
}
