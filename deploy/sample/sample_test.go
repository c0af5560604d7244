// Package sample_test checks the sample estate that starter dev serves.
package sample_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/gen/source"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const root = "../.."

// always are the schemas that the published schema of an integration's datafile demands in its list.
var always = []string{"/app-interface/app-interface-settings-1.yml", "/app-sre/integration-1.yml"}

func bundle(t *testing.T) *server.Bundle {
	t.Helper()
	b, err := server.ReadFolder(os.DirFS("."), server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	return b
}

func TestTheFolderLoadsWithoutProblemsOrWarnings(t *testing.T) {
	require.Empty(t, bundle(t).Warnings())
}

func TestEveryIntegrationIsAllowedExactlyTheSchemasThatItQueries(t *testing.T) {
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	inventory, err := source.ReadInventory(root)
	require.NoError(t, err)
	served, allowed := bundle(t), allowedSchemas(t)
	require.ElementsMatch(t, registry.Names(), slices.Collect(maps.Keys(allowed)), "the integrations that have a datafile")
	for _, d := range registry.All() {
		t.Run(d.Name, func(t *testing.T) {
			entry, err := inventory.Find(d.Name)
			require.NoError(t, err)
			wanted := map[string]bool{}
			for _, schema := range always {
				wanted[schema] = true
			}
			queries := queriesIn(t, entry.Folder())
			require.NotEmpty(t, queries)
			for _, query := range queries {
				answer := served.Execute(t.Context(), query)
				require.Empty(t, answer.Errors, query.Query)
				for _, schema := range answer.Extensions.Schemas {
					wanted[schema] = true
				}
			}
			require.Equal(t, slices.Sorted(maps.Keys(wanted)), allowed[d.Name])
		})
	}
}

// allowedSchemas are the schemas that the integrations' datafiles list, by the integration's name.
func allowedSchemas(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("data/integrations/*.yml")
	require.NoError(t, err)
	allowed := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var datafile struct {
			Name    string   `json:"name"`
			Schemas []string `json:"schemas"`
		}
		require.NoError(t, yaml.Unmarshal(text, &datafile), file)
		require.Equal(t, datafile.Name+".yml", filepath.Base(file))
		allowed[datafile.Name] = datafile.Schemas
	}
	return allowed
}

// queriesIn returns the queries that are made in the name of the integration in a folder, each with the shared fragments that it spreads. Variables
// that need a value have one of which the sample has nothing.
func queriesIn(t *testing.T, folder string) []server.Query {
	t.Helper()
	shared := parse(t, "internal/appinterface/fragments.graphql").Fragments
	files, err := source.Queries(root, folder)
	require.NoError(t, err)
	var queries []server.Query
	for _, file := range files {
		document := parse(t, file)
		known := slices.Concat(document.Fragments, shared)
		for _, operation := range document.Operations {
			var text strings.Builder
			formatter.NewFormatter(&text).FormatQueryDocument(&ast.QueryDocument{
				Operations: ast.OperationList{operation},
				Fragments:  spread(operation.SelectionSet, known),
			})
			variables := map[string]any{}
			for _, variable := range operation.VariableDefinitions {
				if variable.Type.NonNull {
					variables[variable.Variable] = "not in the sample"
				}
			}
			queries = append(queries, server.Query{Query: text.String(), Variables: variables})
		}
	}
	return queries
}

// spread returns the fragments that the selections spread, directly or through one another, each once.
func spread(selections ast.SelectionSet, known ast.FragmentDefinitionList) ast.FragmentDefinitionList {
	var used ast.FragmentDefinitionList
	var visit func(ast.SelectionSet)
	visit = func(selections ast.SelectionSet) {
		for _, selection := range selections {
			switch s := selection.(type) {
			case *ast.Field:
				visit(s.SelectionSet)
			case *ast.InlineFragment:
				visit(s.SelectionSet)
			case *ast.FragmentSpread:
				if fragment := known.ForName(s.Name); fragment != nil && used.ForName(s.Name) == nil {
					used = append(used, fragment)
					visit(fragment.SelectionSet)
				}
			}
		}
	}
	visit(selections)
	return used
}

func parse(t *testing.T, name string) *ast.QueryDocument {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	document, err := parser.ParseQuery(&ast.Source{Name: name, Input: string(text)})
	require.NoError(t, err)
	return document
}
