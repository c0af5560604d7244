package integrations_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/gen/source"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

const (
	root = ".."
	// fewestCases stand for: nothing to do, create, update, delete, a foreign object, invalid data, an unreadable target.
	fewestCases   = 7
	longestFile   = 500
	generatedFile = "generated.go"
)

func all(t *testing.T) []reconcile.Definition {
	t.Helper()
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	return registry.All()
}

func entry(t *testing.T, d reconcile.Definition) source.Entry {
	t.Helper()
	inventory, err := source.ReadInventory(root)
	require.NoError(t, err)
	entry, err := inventory.Find(d.Name)
	require.NoError(t, err, "the name has to be the reference's")
	return entry
}

func TestEveryIntegrationFollowsTheRules(t *testing.T) {
	set, err := clients.FromConfig(&config.Config{GraphQL: config.GraphQL{Server: "http://localhost"}})
	require.NoError(t, err)
	for _, d := range all(t) {
		t.Run(d.Name, func(t *testing.T) {
			entry := entry(t, d)
			t.Run("it stands in the family of the inventory", func(t *testing.T) {
				require.Equal(t, entry.Family, d.Family)
			})
			t.Run("its package describes itself", func(t *testing.T) {
				described, err := source.Describe(root, entry.Folder())
				require.NoError(t, err)
				require.Equal(t, d.Name, described.Name, "the constant Name in %s", entry.Folder())
				require.NotContains(t, d.Summary, source.Undescribed, "the summary in %s", entry.Folder())
			})
			t.Run("it has the cases that every integration needs", func(t *testing.T) {
				cases, err := filepath.Glob(filepath.Join(root, entry.Folder(), "testdata", "*.txtar"))
				require.NoError(t, err)
				require.GreaterOrEqual(t, len(cases), fewestCases, "%s/testdata: %v", entry.Folder(), cases)
			})
			t.Run("the secrets of its cases are planted, so that leaks are found", func(t *testing.T) {
				require.Empty(t, unplanted(t, filepath.Join(root, entry.Folder(), "testdata", "*.txtar")))
			})
			t.Run("its guard says what it holds", func(t *testing.T) {
				if d.Class() != reconcile.ClassValidator {
					require.NotEmpty(t, d.Brake().Describe())
				}
			})
			t.Run("its partition names fields that it reads", func(t *testing.T) {
				if d.Partition == nil {
					return
				}
				steps, err := d.Build(set)
				require.NoError(t, err)
				require.NotNil(t, steps.Shards, "what has no scopes cannot be divided by scope")
				for field, path := range d.Partition.Roots {
					require.True(t, selects(queries(t, entry.Folder()), append([]string{field}, strings.Split(path, ".")...)), "%s: %s", field, path)
				}
			})
			t.Run("its items hold no secret", func(t *testing.T) {
				steps, err := d.Build(set)
				require.NoError(t, err)
				require.Equal(t, d.Class() == reconcile.ClassValidator, steps.Item == nil, "only a validator writes nowhere and has no items")
				if steps.Item != nil {
					require.Empty(t, secretIn(steps.Item, map[reflect.Type]bool{}), "an item carries secret.Ref or a digest, never secret.Value")
				}
			})
		})
	}
}

// queries are the selections of an integration's queries, with the shared fragments.
func queries(t *testing.T, folder string) []ast.SelectionSet {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: appinterface.SchemaSDL()})
	require.NoError(t, err)
	var text []byte
	for _, file := range []string{filepath.Join(root, folder, "queries.graphql"), filepath.Join(root, "internal/appinterface/fragments.graphql")} {
		part, err := os.ReadFile(file)
		require.NoError(t, err)
		text = append(text, part...)
	}
	document, err := parser.ParseQuery(&ast.Source{Input: string(text)})
	require.NoError(t, err)
	// Validation links the fragments; that some are not used is no matter.
	_ = validator.ValidateWithRules(schema, document, nil)
	var all []ast.SelectionSet
	for _, operation := range document.Operations {
		all = append(all, operation.SelectionSet)
	}
	return all
}

// selects says whether one of the queries selects the field at the path.
func selects(queries []ast.SelectionSet, path []string) bool {
	if len(path) == 0 {
		return true
	}
	for _, query := range queries {
		for _, selection := range query {
			var below bool
			switch s := selection.(type) {
			case *ast.Field:
				below = s.Alias == path[0] && selects([]ast.SelectionSet{s.SelectionSet}, path[1:])
			case *ast.InlineFragment:
				below = selects([]ast.SelectionSet{s.SelectionSet}, path)
			case *ast.FragmentSpread:
				below = selects([]ast.SelectionSet{s.Definition.SelectionSet}, path)
			}
			if below {
				return true
			}
		}
	}
	return false
}

// unplanted returns the values in the secrets.toml of cases that are secret and that nobody would find again: neither
// planted nor a placeholder for a token that is.
func unplanted(t *testing.T, glob string) []string {
	t.Helper()
	public := []string{"server", "url", "username", "user", "certificate", "caCertificate", "termination"}
	placeholders := []string{"AUTOMATION_TOKEN", "LIMITED_TOKEN"}
	cases, err := filepath.Glob(glob)
	require.NoError(t, err)
	var found []string
	for _, file := range cases {
		archive, err := txtar.ParseFile(file)
		require.NoError(t, err)
		for _, f := range archive.Files {
			if f.Name != "secrets.toml" {
				continue
			}
			// A secret of several lines is TOML itself: its values are looked at as the others, and one has to be planted.
			var block string
			for line := range strings.Lines(string(f.Data)) {
				key, value, assigned := strings.Cut(strings.TrimSpace(line), " = ")
				if value == `"""` {
					block = key
					continue
				}
				if strings.Contains(line, `"`+leak.Marker) {
					block = ""
				} else if strings.TrimSpace(line) == `"""` && block != "" {
					found = append(found, fmt.Sprintf("%s: %s has no value that begins with %s", filepath.Base(file), block, leak.Marker))
				}
				value = strings.Trim(value, `"`)
				if assigned && !slices.Contains(public, key) && !slices.Contains(placeholders, value) && !strings.HasPrefix(value, leak.Marker) {
					found = append(found, fmt.Sprintf("%s: %s = %q does not begin with %s", filepath.Base(file), key, value, leak.Marker))
				}
			}
		}
	}
	return found
}

// secretIn returns the path of a secret.Value that can be reached from a value of the type, or "".
func secretIn(typ reflect.Type, seen map[reflect.Type]bool) string {
	if typ == reflect.TypeFor[secret.Value]() {
		return typ.String()
	}
	if seen[typ] {
		return ""
	}
	seen[typ] = true
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return secretIn(typ.Elem(), seen)
	case reflect.Map:
		return secretIn(typ.Key(), seen) + secretIn(typ.Elem(), seen)
	case reflect.Struct:
		for i := range typ.NumField() {
			if found := secretIn(typ.Field(i).Type, seen); found != "" {
				return typ.Field(i).Name + "." + found
			}
		}
	default:
	}
	return ""
}

func TestASecretIsFoundWhereverItHides(t *testing.T) {
	type inner struct{ Token *secret.Value }
	type recursive struct {
		Next  *recursive
		Inner map[string][]inner
	}
	require.Equal(t, "Inner.Token.secret.Value", secretIn(reflect.TypeFor[recursive](), map[reflect.Type]bool{}))
	require.Empty(t, secretIn(reflect.TypeFor[struct{ Ref secret.Ref }](), map[reflect.Type]bool{}))
}

func TestEveryPackageStandsInAList(t *testing.T) {
	listed := map[string]bool{}
	for _, d := range all(t) {
		listed[entry(t, d).Folder()] = true
	}
	for file := range goFiles(t) {
		folder := path.Dir(file)
		if path.Base(file) != "integration.go" || strings.Contains(folder, "/internal/") {
			continue
		}
		require.True(t, listed[folder], "%s is no integration of its family's list, or its folder is not the one of its name", folder)
	}
}

func TestNoFileIsLongerThanItCanBeRead(t *testing.T) {
	for file, text := range goFiles(t) {
		if path.Base(file) != generatedFile {
			require.LessOrEqual(t, bytes.Count(text, []byte("\n")), longestFile, file)
		}
	}
}

// goFiles are the Go files below integrations by their path relative to the root.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		files[path.Join("integrations", filepath.ToSlash(name))] = text
		return err
	}))
	return files
}

func TestGeneratedQueriesAreUpToDate(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", "./internal/gen/queries", "-check")
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
}
