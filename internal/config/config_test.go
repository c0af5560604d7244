package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const full = `
[graphql]
server = "https://app-interface/graphql"
token = "Basic hunter2"

[vault]
server = "https://vault"
role_id = "role-hunter2"
secret_id = "secret-hunter2"

[app-sre.quay]
token = "quay-hunter2"
`

func TestLoad(t *testing.T) {
	path := write(t, full)
	got, err := config.Load(path)
	require.NoError(t, err)
	require.Equal(t, path, got.Path)
	require.Equal(t, "https://app-interface/graphql", got.GraphQL.Server)
	require.Equal(t, "Basic hunter2", got.GraphQL.Token.Reveal())
	require.Equal(t, "https://vault", got.Vault.Server)
	require.True(t, got.Vault.AppRole)
	require.Equal(t, "role-hunter2", got.Vault.RoleID.Reveal())
	require.Equal(t, "secret-hunter2", got.Vault.SecretID.Reveal())

	value, err := got.Secrets.Field("app-sre/quay", "token")
	require.NoError(t, err)
	require.Equal(t, "quay-hunter2", value.Reveal())
}

func TestLoadOfLess(t *testing.T) {
	got, err := config.Load(write(t, "[graphql]\nserver = \"http://localhost:4000/graphql\"\n"))
	require.NoError(t, err)
	require.Empty(t, got.Vault.Server)
	require.Empty(t, got.GraphQL.Token.Reveal())

	got, err = config.Load(write(t, "[graphql]\nserver = \"http://localhost:4000/graphql\"\n[vault]\nserver = \"http://vault\"\nkube_auth_role = \"r\"\nkube_auth_mount = \"m\"\n"))
	require.NoError(t, err)
	require.False(t, got.Vault.AppRole)
	require.Equal(t, "r", got.Vault.KubeAuthRole)
	require.Equal(t, "m", got.Vault.KubeAuthMount)
}

func TestAConfigurationShowsNoSecret(t *testing.T) {
	got, err := config.Load(write(t, full))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, *got), "hunter2", verb)
		require.NotContains(t, fmt.Sprintf(verb, got), "hunter2", verb)
		require.NotContains(t, fmt.Sprintf(verb, got.Vault), "hunter2", verb)
		require.NotContains(t, fmt.Sprintf(verb, got.Secrets), "hunter2", verb)
	}
	_, err = json.Marshal(got)
	require.Error(t, err)
	_, err = json.Marshal(got.Secrets)
	require.Error(t, err)
}

func TestErrorsNameFileKeyAndRemedy(t *testing.T) {
	const graphql = "[graphql]\nserver = \"http://gql/graphql\"\n"
	for _, tc := range []struct {
		name, text string
		message    []string
	}{
		{"an empty file", "", []string{"server in the [graphql] table is missing"}},
		{"no server", "[graphql]\ntoken = \"hunter2\"\n", []string{"server in the [graphql] table is missing"}},
		{"a server that is no URL", "[graphql]\nserver = \"hunter2:4000\"\n", []string{"server in the [graphql] table is not an http or https URL"}},
		{"a server that is no text", "[graphql]\nserver = 7\n", []string{"server in the [graphql] table is not text: put its value in quotes"}},
		{"a token that is no text", graphql + "token = [\"hunter2\"]\n", []string{"token in the [graphql] table is not text"}},
		{"a section that is no table", "graphql = \"hunter2\"\n", []string{"write [graphql] on a line of its own"}},
		{"a value without quotes", "[graphql]\nserver = \"http://gql\"\ntoken = hunter2\n", []string{"see line 3", "graphql.token"}},
		{"a quote that is not closed", "[graphql]\nserver = \"http://gql\"\ntoken = \"hunter2\n", []string{"see line 3"}},
		{"a key given twice", "[graphql]\nserver = \"http://gql\"\nserver = \"hunter2\"\n", []string{"see line 3", "given twice"}},
		{"no Vault server", graphql + "[vault]\nrole_id = \"hunter2\"\n", []string{"server in the [vault] table is missing"}},
		{"a Vault server that is no URL", graphql + "[vault]\nserver = \"vault\"\n", []string{"server in the [vault] table is not an http or https URL"}},
		{"no Vault login", graphql + "[vault]\nserver = \"http://vault\"\n", []string{"role_id in the [vault] table is missing", "kube_auth_role"}},
		{"half an AppRole", graphql + "[vault]\nserver = \"http://vault\"\nrole_id = \"hunter2\"\n", []string{"secret_id in the [vault] table is missing"}},
		{"half a Kubernetes login", graphql + "[vault]\nserver = \"http://vault\"\nkube_auth_role = \"r\"\n", []string{"kube_auth_mount in the [vault] table is missing"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := write(t, tc.text)
			_, err := config.Load(path)
			require.ErrorContains(t, err, path)
			for _, part := range tc.message {
				require.ErrorContains(t, err, part)
			}
			require.NotContains(t, err.Error(), "hunter2")
			require.True(t, apierr.Is(err, apierr.Invalid))
		})
	}
}

func TestAFileThatCannotBeRead(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "config.toml")
	_, err := config.Load(missing)
	require.ErrorContains(t, err, missing+" does not exist: create it")
	_, err = config.Load(t.TempDir())
	require.ErrorContains(t, err, "cannot be read")
}

func TestLocate(t *testing.T) {
	t.Setenv(config.EnvPath, "/env.toml")
	path, err := config.Locate("/flag.toml")
	require.NoError(t, err)
	require.Equal(t, "/flag.toml", path, "the flag comes first")
	path, err = config.Locate("")
	require.NoError(t, err)
	require.Equal(t, "/env.toml", path)

	t.Setenv(config.EnvPath, "")
	_, err = config.Locate("")
	require.ErrorContains(t, err, "pass --config, or set QONTRACT_CONFIG")
}
