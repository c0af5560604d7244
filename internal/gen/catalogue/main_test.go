package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestCatalogueIsUpToDate(t *testing.T) {
	require.NoError(t, run("../../..", true, integrations.All()))
}

const schemaText = `
scalar JSON
directive @datafile(schema: String!) on OBJECT | INTERFACE
directive @datafiles(schema: String!) on FIELD_DEFINITION
directive @synthetic(schema: String!, subAttr: String!) on FIELD_DEFINITION
directive @resource on FIELD_DEFINITION
directive @searchable on FIELD_DEFINITION
directive @resolve(strategy: ResolveStrategy!, field: String, fieldMap: [ResolveEntry!]) on INTERFACE
enum ResolveStrategy { fieldMap schema }
input ResolveEntry { value: String! type: String! }
type Query {
  orgs_v1(path: String, filter: JSON): [Org_v1!] @datafiles(schema: "/org-1.yml")
  settings_v1(path: String, filter: JSON): [Settings_v1!] @datafiles(schema: "/settings-1.yml")
}
type Settings_v1 { schema: String! path: String! name: String! }
type Org_v1 {
  schema: String!
  path: String!
  name: String!
  instance: Instance_v1!
  owner: Owner_v1
  roles: [Role_v1!] @synthetic(schema: "/role-1.yml", subAttr: "org")
}
type Instance_v1 { schema: String! path: String! name: String! }
type Owner_v1 @datafile(schema: "/owner-1.yml") { schema: String! path: String! name: String! }
type Role_v1 { schema: String! path: String! name: String! }
`

// repository writes a small one with quay-repos in it.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"integrations/inventory.txt": "quay-membership quay\nquay-repos quay\n",
		"integrations/quay/repos/integration.go": `// Package repos keeps repositories.
//
// What it keeps true: each repository exists | is there.
// Desired: a.
// Current: b.
// Writes: c.
// Reference module: reconcile/quay_repos.py.
package repos

// Name is the integration's name.
const Name = "quay-repos"

// Definition describes the integration. Its scopes are named <instance>.
func Definition() {}

// Differs from the reference: this does not break off.
func list() {}
`,
		"integrations/quay/repos/README.md":              "# quay-repos\n\n## What to do\n\nSee [Vault](../../../docs/operations.md#vault) and [Quay](https://quay.io/a#b).\n",
		"integrations/quay/repos/queries.graphql":        "query Repos { orgs: orgs_v1 { name instance { name } owner { ...Owner } roles { name } } settings_v1 { name } }\n",
		"internal/appinterface/schema_generated.graphql": schemaText,
		"internal/appinterface/fragments.graphql":        "fragment Owner on Owner_v1 { name }\n",
		"internal/shared/shared.go":                      "package shared\n\n// Differs from the reference: this is shared.\nvar _ = 0\n",
		"activities/a.go":                                "package activities\n",
		"workflows/w.go":                                 "package workflows\n",
		"docs/integrations/quay-gone.md":                 "left over\n",
	} {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return root
}

func families() []reconcile.Family {
	return []reconcile.Family{{Name: "quay", Integrations: []reconcile.Definition{{
		Name: "quay-repos", Summary: "Keeps repositories.", Params: []reconcile.Param{reconcile.ThreadPoolSize()},
		Reads: []reconcile.System{reconcile.AppInterface}, Writes: []reconcile.System{reconcile.Quay},
		Every: time.Hour, Guard: plan.NeverDelete{},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Steps{}, nil },
	}}}}
}

func TestPagesShowWhatTheCodeSays(t *testing.T) {
	root := repository(t)
	require.ErrorContains(t, run(root, true, families()),
		"not up to date, run make generate: docs/catalogue.md, docs/integrations/quay-gone.md, docs/integrations/quay-repos.md")
	require.NoError(t, run(root, false, families()))
	require.NoError(t, run(root, true, families()))
	require.NoFileExists(t, filepath.Join(root, "docs/integrations/quay-gone.md"))

	page := read(t, root, "docs/integrations/quay-repos.md")
	for _, want := range []string{
		"Keeps repositories. Its scopes are named \\<instance>.",
		"| What it keeps true | each repository exists \\| is there. |",
		"| Writes | c. |",
		"| Writes to | `quay` |",
		"| Schedule | every 1h |",
		"| Guard | holds every delete |",
		"| `--thread-pool-size INT` | `10` |",
		"--dry-run\n\n## What to do\n\nSee [Vault](../operations.md#vault) and [Quay](https://quay.io/a#b).\n\n## How it runs\n",
		"- `/org-1.yml`\n- `/owner-1.yml`\n- `/role-1.yml`\n- `/settings-1.yml`\n",
		"It has to allow those of `Instance_v1` too",
		"- This does not break off. ([integrations/quay/repos/integration.go](../../integrations/quay/repos/integration.go))",
	} {
		require.Contains(t, page, want)
	}
	catalogue := read(t, root, "docs/catalogue.md")
	for _, want := range []string{
		"Integrations here: 1 of the 2 of the reference.",
		"| [quay-repos](integrations/quay-repos.md) | reconciler | `quay` | every 1h | Keeps repositories. |",
		"Not here: `quay-membership`.",
		"- This is shared. ([internal/shared/shared.go](../internal/shared/shared.go))",
	} {
		require.Contains(t, catalogue, want)
	}
}

func TestAnIntegrationThatCannotBeDescribedIsNamed(t *testing.T) {
	root := repository(t)
	require.NoError(t, os.WriteFile(filepath.Join(root, "integrations/quay/repos/integration.go"), []byte("package repos\n"), 0o600))
	require.ErrorContains(t, run(root, false, families()), "package comment of integrations/quay/repos: the line")
	require.NoFileExists(t, filepath.Join(root, "docs/catalogue.md"))
}

func TestIntervalsAreShort(t *testing.T) {
	for want, every := range map[string]time.Duration{
		"every 10m": 10 * time.Minute, "every 1h": time.Hour, "every 1h30m": 90 * time.Minute, "every 30s": 30 * time.Second, "every 1m30s": 90 * time.Second,
	} {
		require.Equal(t, want, interval(every))
	}
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}
