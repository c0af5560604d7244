package rehearse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// keys keeps a new secret that it makes from another one, with the faults that a test gives it.
type keys struct {
	set *clients.Set
	// eager writes while it reads, and careless makes the secret longer on each attempt.
	eager, careless bool
}

func (r *keys) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: "test-keys", Summary: "Makes a key.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Vault}, Writes: []reconcile.System{reconcile.Vault},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			r.set = set
			return reconcile.Reconcile(r), nil
		},
	}
}

func (r *keys) Desired(context.Context, reconcile.Scope) ([]note, error) { return []note{{"key"}}, nil }

func (r *keys) Current(ctx context.Context, _ reconcile.Scope, _ []note) ([]note, error) {
	if r.eager {
		if err := r.write(readonly.Grant(ctx)); err != nil {
			return nil, err
		}
	}
	_, err := r.set.SecretStore().Fetch(ctx, "made/team/key", 0)
	if apierr.Is(err, apierr.Missing) {
		return nil, nil
	}
	return []note{{"key"}}, err
}

func (r *keys) write(ctx context.Context) error {
	token, err := r.set.Secrets().Read(ctx, secret.Ref{Path: "creds/team", Field: "token"})
	if err != nil {
		return err
	}
	made := token.Reveal() + "-made"
	if there, err := r.set.SecretStore().Fetch(ctx, "made/team/key", 0); r.careless && err == nil {
		key, _ := there.Data.Field("key")
		made = key.Reveal() + "-again"
	}
	return r.set.SecretStore().Write(ctx, "made/team/key", vaultapi.Text(map[string]secret.Value{"key": secret.New(made)}))
}

func (r *keys) Apply(ctx context.Context, _ reconcile.Scope, _ plan.Change[note]) error {
	return r.write(ctx)
}

const keysCase = `A key is made.
-- run --
test-keys
-- data/settings.yml --
$schema: /app-interface/app-interface-settings-1.yml
name: settings
vault: true
-- secrets.toml --
[vault]
server = "https://vault.example.com"
role_id = "qt-planted-role"
secret_id = "qt-planted-secret-id"
-- estate/vault/own.yaml --
mounts:
  creds:
    version: 1
    secrets: {team: {token: qt-planted-token}}
  made: {version: 2}
policies:
  worker: |
    path "creds/*" { capabilities = ["read"] }
    path "made/*" { capabilities = ["create", "read", "update"] }
roles:
  worker: {roleID: qt-planted-role, secretID: qt-planted-secret-id, policies: [worker]}
-- plan --
applied
create key
-- after/vault/own.yaml --
mounts:
  creds:
    secrets:
      team:
        token: qt-planted-token
    version: 1
  made:
    secrets:
      team/key:
        "1":
          key: qt-planted-token-made
    version: 2
`

func TestEachCallToTheProcessesOwnVaultFailsOnce(t *testing.T) {
	checks, err := rehearsed(t, (&keys{}).definition(), keysCase)
	require.NoError(t, err)
	names := make([]string, 0, len(checks))
	for _, check := range checks {
		require.Empty(t, check.Fault, check.Name)
		names = append(names, check.Name)
	}
	for _, call := range []string{
		"POST /graphql failing", "PUT /v1/auth/approle/login failing", "GET /v1/creds/team failing", "GET /v1/made/data/team/key failing",
		"PUT /v1/made/data/team/key failing", "PUT /v1/made/data/team/key losing its answer",
	} {
		require.Contains(t, names, "the same end with "+call)
	}
}

func TestTheChecksFindWhatAnIntegrationDoesWrongInTheProcessesOwnVault(t *testing.T) {
	const put = "PUT /v1/made/data/team/key"
	faults := faultsOf(t, (&keys{eager: true}).definition(), keysCase)
	require.Contains(t, faults["a dry run writes nothing"], put)
	require.NotContains(t, faults, "a comparison reads nothing but app-interface")

	faults = faultsOf(t, (&keys{careless: true}).definition(), keysCase)
	require.Contains(t, faults["the same end with "+put+" losing its answer"], "qt-planted-token-made-again")
	require.NotContains(t, faults, "the same end with "+put+" failing")
}

func TestACaseHasAVaultOfItsOwnAsItsSecretsSay(t *testing.T) {
	before, rest, _ := strings.Cut(keysCase, "-- secrets.toml --")
	table, rest, _ := strings.Cut(rest, "-- estate/vault/own.yaml --")
	estate, after, _ := strings.Cut(rest, "-- plan --")

	t.Run("without a table new secrets have no place", func(t *testing.T) {
		none := before + "-- secrets.toml --\n[creds.team]\ntoken = \"qt-planted-token\"\n-- plan --"
		require.Empty(t, faultsOf(t, (&keys{}).definition(), failing(none, "there is no Vault to keep new secrets in: add a [vault] table to secrets.toml")))
	})
	t.Run("secrets are read where the settings say", func(t *testing.T) {
		file := strings.Replace(keysCase, "vault: true", "vault: false", 1)
		file = strings.Replace(file, "[vault]", "[creds.team]\ntoken = \"qt-planted-other\"\n[vault]", 1)
		file = strings.Replace(file, "key: qt-planted-token-made", "key: qt-planted-other-made", 1)
		require.Empty(t, faultsOf(t, (&keys{}).definition(), file))
	})
	t.Run("it may be a Vault that a datafile describes", func(t *testing.T) {
		instance := "$schema: /vault-config/instance-1.yml\nname: primary\naddress: https://vault.example.com\n"
		described := strings.ReplaceAll(keysCase, "/vault/own.yaml", "/vault/primary.yaml")
		described = strings.Replace(described, "-- secrets.toml --", "-- data/vault.yml --\n"+instance+"-- secrets.toml --", 1)
		require.Empty(t, faultsOf(t, (&keys{}).definition(), described))
	})
	t.Run("a table without a file", func(t *testing.T) {
		_, err := rehearsed(t, (&keys{}).definition(), before+"-- secrets.toml --"+table+"-- plan --"+after)
		require.ErrorContains(t, err, "secrets.toml has a [vault] table: add what is in that Vault, with the role of the table, as estate/vault/own.yaml")
	})
	t.Run("a file without a table", func(t *testing.T) {
		_, err := rehearsed(t, (&keys{}).definition(), before+"-- estate/vault/own.yaml --"+estate+"-- plan --"+after)
		require.ErrorContains(t, err, "estate/vault/own.yaml is the Vault that the [vault] table of secrets.toml names: add the table, with the role of that Vault")
	})
	t.Run("one that does not answer is not called by its address", func(t *testing.T) {
		hanging := strings.Replace(keysCase, "-- plan --", "-- unreachable --\nvault/own\n-- plan --", 1)
		require.Empty(t, faultsOf(t, (&keys{}).definition(), failing(hanging, "vault vault.example.com: log in with AppRole: vault does not answer: "+
			"unable to log in with app role auth: Put \"https://vault.example.com/v1/auth/approle/login\": dial tcp vault.example.com: connect: connection refused")))
	})
}
