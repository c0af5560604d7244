package replication

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	vaultworld "github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

const access = `policies:
  all: path "kv/*" { capabilities = ["create", "read", "update"] }
roles:
  all: {roleID: all, secretID: all-secret, policies: [all]}
`

// connect fills a part of a real Vault and logs in there.
func connect(t *testing.T, server int, estate string) (*vaultapi.Client, *vaultworld.World) {
	t.Helper()
	w, err := vaultworld.New(t.Context(), serverstest.Vaults(t)[server], []byte(estate+access))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	c, err := vaultapi.New(vaultapi.Config{Address: w.URL(), Login: vaultapi.AppRole{RoleID: secret.New("all"), SecretID: secret.New("all-secret")}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, w
}

// TestWorkersThatCopyAtOnceMakeNoVersionTwice is what happens when a worker is taken for dead and goes on.
func TestWorkersThatCopyAtOnceMakeNoVersionTwice(t *testing.T) {
	source, of := connect(t, 0, `mounts: {kv: {version: 2, maxVersions: 4, secrets: {team/db: {7: {p: g}, 8: {p: h}, 9: {p: i}, 10: {p: j}}}}}`+"\n")
	destination, there := connect(t, 1, `mounts: {kv: {version: 2, maxVersions: 4, secrets: {team/db: {1: {p: a}}}}}`+"\n")
	ctx := readonly.Grant(t.Context())
	var working sync.WaitGroup
	for range 4 {
		working.Go(func() {
			err := copyVersions(ctx, source, destination, Copy{Path: "kv/team/db", KV: 2, Version: 10})
			for apierr.Is(err, apierr.Conflict) {
				err = copyVersions(ctx, source, destination, Copy{Path: "kv/team/db", KV: 2, Version: 10})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	working.Wait()
	want, err := of.Dump(t.Context())
	require.NoError(t, err)
	got, err := there.Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func TestTheLatestVersionIsNeverAPlaceholder(t *testing.T) {
	source, _ := connect(t, 0, `mounts: {kv: {version: 2, secrets: {team/db: {1: {p: a}, 2: deleted}}}}`+"\n")
	destination, there := connect(t, 1, "mounts: {kv: {version: 2}}\n")
	err := copyVersions(readonly.Grant(t.Context()), source, destination, Copy{Path: "kv/team/db", KV: 2, Version: 2})
	require.ErrorIs(t, err, vaultapi.ErrVersionNotFound, "it was deleted after the plan was made")
	got, err := there.Dump(t.Context())
	require.NoError(t, err)
	require.NotContains(t, string(got), "dummy")
}
