package vault_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

const estate = `mounts:
  kv:
    maxVersions: 3
    secrets:
      team/db:
        "3":
          password: older
        "4": deleted
        "5":
          password: newer
      team/gone:
        "1": destroyed
    version: 2
  legacy:
    secrets:
      team/db:
        password: plain
    version: 1
`

const access = `policies:
  writer: |
    path "kv/data/team/*" { capabilities = ["read", "create", "update"] }
    path "kv/metadata/*"   { capabilities = ["list"] }
roles:
  writer: {roleID: the-role, secretID: the-secret, policies: [writer]}
`

func start(t *testing.T, text string) *vault.World {
	t.Helper()
	w, err := vault.New(t.Context(), serverstest.Vault(t), []byte(text))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}

func dump(t *testing.T, w *vault.World) string {
	t.Helper()
	text, err := w.Dump(t.Context())
	require.NoError(t, err)
	return string(text)
}

func TestAWorldHasWhatItsEstateSays(t *testing.T) {
	w := start(t, estate+access)
	require.Equal(t, estate, dump(t, w))

	c, err := vaultapi.New(vaultapi.Config{Address: w.URL(), Login: vaultapi.AppRole{RoleID: secret.New("the-role"), SecretID: secret.New("the-secret")}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	paths, err := c.ListAll(t.Context(), "kv/team/")
	require.NoError(t, err)
	require.Equal(t, []string{"kv/team/db", "kv/team/gone"}, paths)
	require.NoError(t, c.Write(readonly.Grant(t.Context()), "kv/team/db", vaultapi.Text(map[string]secret.Value{"password": secret.New("newest")})))
	require.Contains(t, dump(t, w), "newest")
	_, err = c.Get(t.Context(), "legacy/team/db", 0)
	require.ErrorIs(t, err, vaultapi.ErrAccessForbidden, "the policy says nothing of it")

	var writes []string
	for _, call := range w.Faults.Writes() {
		writes = append(writes, call.Path)
	}
	require.Equal(t, []string{"/v1/kv/data/team/db"}, writes, "a login is no write")
}

func TestWorldsDoNotMeet(t *testing.T) {
	one, other := start(t, estate+access), start(t, strings.ReplaceAll(estate, "newer", "another")+access)
	require.NotEqual(t, dump(t, one), dump(t, other))
	require.Equal(t, estate, dump(t, one))
	require.NotEqual(t, path.Base(one.URL()), path.Base(other.URL()), "the port may come back, the path does not")
}

func TestABadEstateIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"mounts: {kv: {version: 3}}":                                      "mount kv: version is 3",
		"mounts: {kv: {version: 2, secrets: {a: {latest: {x: y}}}}}":      `secret kv/a: "latest" is no number of a version`,
		"mounts: {kv: {version: 2, secrets: {a: {1: gone}}}}":             "version 1 is neither fields nor deleted nor destroyed",
		"mounts: {kv: {version: 1, secret: {}}}":                          "unknown field",
		"roles: {reader: {roleID: a, secretID: b, policies: [], ttl: 1}}": "unknown field",
	} {
		_, err := vault.ParseEstate([]byte(text))
		require.ErrorContains(t, err, want)
	}
}
