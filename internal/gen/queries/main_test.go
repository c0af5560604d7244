package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	teamSchema = `
extend type Query {
  teams_v1(name: String, path: String, filter: JSON): [Team_v1!] @datafiles(schema: "/team-1.yml")
}

type Team_v1 implements DatafileObject_v1 @datafile(schema: "/team-1.yml") {
  schema: String!
  path: String!
  name: String! @searchable
  title: String
  size: Int
  active: Boolean
  open: Boolean!
  labels: JSON
  lead: Member_v1
  members: [Member_v1!]
  cluster: Cluster_v1!
  token: VaultSecret_v1
  fallback_token: VaultSecret_v1!
  access: [TeamAccess_v1!]
}

type Member_v1 {
  name: String!
  age: Int
}

interface TeamAccess_v1 @resolve(strategy: fieldMap, field: "service", fieldMap: [{ value: "quay", type: "TeamAccessQuay_v1" }]) {
  service: String!
}

type TeamAccessQuay_v1 implements TeamAccess_v1 {
  service: String!
  org: Member_v1
}
`
	teamQueries = `
# Teams lists all teams.
query Teams($filter: JSON) {
  teams: teams_v1(filter: $filter) {
    name
    title
    size
    active
    open
    labels
    lead {
      ...Person
    }
    # @genqlient(typename: "TeamMember")
    members {
      name
      # @genqlient(pointer: false)
      age
    }
    cluster {
      ...ClusterConnection
    }
    # @genqlient(bind: "-")
    site: cluster {
      name
      disable {
        integrations
      }
    }
    token {
      ...VaultSecret
    }
    fallback_token {
      ...VaultSecret
    }
    access {
      service
      ... on TeamAccessQuay_v1 {
        org {
          name
        }
      }
    }
  }
}

fragment Person on Member_v1 {
  name
  age
}
`
	teamsFolder = "integrations/quay/teams/"
)

// repository makes a small repository with the real core schema and fragments, and the given files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, shared := range []string{coreSchema, fragmentsFile} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", shared))
		require.NoError(t, err)
		put(t, root, shared, string(text))
	}
	put(t, root, "go.mod", "module github.com/app-sre/qontract-temporal\n\ngo 1.26\n")
	for name, text := range files {
		put(t, root, name, text)
	}
	return root
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func get(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}

func teams(t *testing.T) string {
	return repository(t, map[string]string{
		teamsFolder + schemaFile:  teamSchema,
		teamsFolder + queriesFile: teamQueries,
	})
}

func TestGeneratedTypes(t *testing.T) {
	root := teams(t)
	require.NoError(t, run(root, false))
	code := get(t, root, teamsFolder+generatedFile)
	require.Contains(t, code, "package teams")
	for what, line := range map[string]string{
		"a nullable string is plain":                    `Title\s+string\s+.json:"title".`,
		"a nullable number is a pointer":                `Size\s+\*int\s`,
		"a nullable boolean is a pointer":               `Active\s+\*bool\s`,
		"a boolean that is never null is plain":         `Open\s+bool\s`,
		"JSON is the shared type":                       `Labels\s+appinterface\.JSON\s`,
		"a nullable object is a pointer":                `Lead\s+\*TeamsTeamsTeamV1LeadMemberV1\s`,
		"the rule holds in fragments of one's own":      `Age\s+\*int\s`,
		"a list is plain":                               `Members\s+\[\]TeamMember\s`,
		"a directive of one's own wins":                 `Age\s+int\s`,
		"a cluster is the shared type":                  `Cluster\s+appinterface\.Cluster\s`,
		"a bound type can be had with other fields":     `Site\s+TeamsTeamsTeamV1SiteClusterV1\s`,
		"a nullable secret is a pointer to the ref":     `Token\s+\*secret\.Ref\s`,
		"a secret that is never null is the ref":        `FallbackToken\s+secret\.Ref\s+.json:"fallback_token".`,
		"the rule holds in fragments of an interface":   `Org\s+\*TeamsTeamsTeamV1AccessTeamAccessQuayV1OrgMemberV1\s`,
		"context and client come first":                 `func Teams\(\s*ctx_ context\.Context,\s*client_ graphql\.Client,\s*filter appinterface\.JSON,`,
		"shared fragments are part of the query":        `fragment VaultSecret on VaultSecret_v1`,
		"comments on a query are kept for its function": `// Teams lists all teams\.\s*\nfunc`,
	} {
		require.Regexp(t, line, code, what)
	}
	require.NotContains(t, code, "type VaultSecret struct")
	require.NotContains(t, code, "type ClusterConnection struct")
}

func TestGeneratedCodeCompiles(t *testing.T) {
	root := teams(t)
	require.NoError(t, run(root, false))
	repo, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	const pkg = "integrations/zzgenerated"
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(repo, pkg, generatedFile): filepath.Join(root, teamsFolder, generatedFile),
	}})
	require.NoError(t, err)
	put(t, root, "overlay.json", string(overlay))
	build := exec.Command("go", "build", "-overlay", filepath.Join(root, "overlay.json"), "./"+pkg)
	build.Dir = repo
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestOutputIsDeterministic(t *testing.T) {
	root := teams(t)
	require.NoError(t, run(root, false))
	first := get(t, root, teamsFolder+generatedFile) + get(t, root, mergedSchema)
	for range 3 {
		require.NoError(t, run(root, false))
		require.Equal(t, first, get(t, root, teamsFolder+generatedFile)+get(t, root, mergedSchema))
	}
}

func TestTheMergedSchemaHasEverySource(t *testing.T) {
	root := teams(t)
	require.NoError(t, run(root, false))
	text := get(t, root, mergedSchema)
	require.Contains(t, text, "# Code generated by internal/gen/queries. DO NOT EDIT.")
	require.Contains(t, text, "type Team_v1 implements DatafileObject_v1 @datafile(schema: \"/team-1.yml\")")
	require.Contains(t, text, "teams_v1(name: String, path: String, filter: JSON): [Team_v1!]")
	require.Contains(t, text, "directive @synthetic")
	require.NotContains(t, text, "extend type")
}

func TestCheck(t *testing.T) {
	root := teams(t)
	err := run(root, true)
	require.ErrorContains(t, err, "run make generate: "+teamsFolder+generatedFile+", "+mergedSchema)
	require.NoFileExists(t, filepath.Join(root, mergedSchema), "a check writes nothing")

	require.NoError(t, run(root, false))
	require.NoError(t, run(root, true))

	put(t, root, teamsFolder+generatedFile, "package teams\n")
	put(t, root, "integrations/quay/gone/"+generatedFile, "package gone\n")
	err = run(root, true)
	require.EqualError(t, err, "not up to date, run make generate: integrations/quay/gone/generated.go, "+teamsFolder+generatedFile)

	require.NoError(t, run(root, false))
	require.NoFileExists(t, filepath.Join(root, "integrations/quay/gone", generatedFile))
	require.NoError(t, run(root, true))
}

func TestARepositoryWithoutIntegrations(t *testing.T) {
	root := repository(t, nil)
	require.NoError(t, run(root, false))
	require.NoError(t, run(root, true))
	require.FileExists(t, filepath.Join(root, mergedSchema))
}

func TestMistakesAreNamed(t *testing.T) {
	const other = "integrations/quay/other/"
	for _, tc := range []struct {
		name    string
		files   map[string]string
		message []string
	}{
		{"a field that the schema does not have", map[string]string{other + queriesFile: "query Roles {\n  roles_v1 {\n    nme\n  }\n}\n"},
			[]string{other + queriesFile + ":3", "nme"}},
		{"a query that is no GraphQL", map[string]string{other + queriesFile: "query Roles {\n  roles_v1 {\n"},
			[]string{other + queriesFile}},
		{"a query without a name", map[string]string{other + queriesFile: "{ roles_v1 { name } }\n"},
			[]string{other + queriesFile, "operation-names"}},
		{"a fragment nobody uses", map[string]string{other + queriesFile: "query Roles { roles_v1 { name } }\nfragment R on Role_v1 { name }\n"},
			[]string{other + queriesFile, "R"}},
		{"a bound type with a selection of its own", map[string]string{other + queriesFile: "query Clusters { clusters_v1 { name } }\n"},
			[]string{other + queriesFile, "Cluster_v1", "select the type's shared fragment"}},
		{"a second fragment of a shared name", map[string]string{other + queriesFile: "query Roles { roles_v1 { name } }\nfragment VaultSecret on VaultSecret_v1 { path }\n"},
			[]string{other + queriesFile + ":2", "already defined in " + fragmentsFile}},
		{"a type that two schemas define", map[string]string{"integrations/a/" + schemaFile: "type X_v1 { a: String }\n", "integrations/b/" + schemaFile: "type X_v1 { a: String }\n"},
			[]string{"integrations/a/" + schemaFile, "integrations/b/" + schemaFile}},
		{"all folders with mistakes are reported", map[string]string{
			"integrations/a/" + queriesFile: "query A { nothing }\n", "integrations/b/" + queriesFile: "query B { nothing }\n"},
			[]string{"integrations/a/" + queriesFile, "integrations/b/" + queriesFile}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := repository(t, tc.files)
			err := run(root, false)
			for _, part := range tc.message {
				require.ErrorContains(t, err, part)
			}
			require.NoFileExists(t, filepath.Join(root, mergedSchema), "nothing is written when something is wrong")
		})
	}
}
