package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// published are the published schema of app-interface and what its server answers to an introspection query.
const published = "../../../../shared/appinterface"

// ourSources are the core schema and the extension of every integration.
func ourSources(t *testing.T) []*ast.Source {
	t.Helper()
	files, err := filepath.Glob("../../../integrations/*/*/schema.graphql")
	require.NoError(t, err)
	shared, err := filepath.Glob("../../../integrations/*/internal/*/schema.graphql")
	require.NoError(t, err)
	files = append(files, shared...)
	var sources []*ast.Source
	for _, file := range append([]string{"../schema.graphql"}, files...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	return sources
}

func readPublished(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(published, name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not here: %s", name, published)
	}
	require.NoError(t, err)
	return data
}

type introspectedType struct {
	Kind   string
	Name   string
	OfType *introspectedType
	Fields []struct {
		Name string
		Type introspectedType
		Args []struct {
			Name string
			Type introspectedType
		}
	}
	PossibleTypes []struct{ Name string }
}

func (t introspectedType) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.OfType.String() + "!"
	case "LIST":
		return "[" + t.OfType.String() + "]"
	default:
		return t.Name
	}
}

func introspection(t *testing.T) map[string]introspectedType {
	t.Helper()
	var answer struct {
		Data struct {
			Schema struct{ Types []introspectedType } `json:"__schema"`
		}
	}
	require.NoError(t, json.Unmarshal(readPublished(t, "introspection.json"), &answer))
	types := map[string]introspectedType{}
	for _, typ := range answer.Data.Schema.Types {
		types[typ.Name] = typ
	}
	return types
}

// flatten returns a schema's types with all that a client sees: kind, fields, arguments.
func flatten(t *testing.T, loaded *ast.Schema) map[string]map[string]string {
	t.Helper()
	flat := map[string]map[string]string{}
	for name, def := range loaded.Types {
		if def.BuiltIn || (def.Kind != ast.Object && def.Kind != ast.Interface) {
			continue
		}
		flat[name] = map[string]string{"": string(def.Kind)}
		for _, field := range def.Fields {
			if len(field.Name) > 1 && field.Name[:2] == "__" {
				continue
			}
			flat[name][field.Name] = field.Type.String()
			for _, arg := range field.Arguments {
				flat[name][field.Name+"("+arg.Name] = arg.Type.String()
			}
		}
	}
	return flat
}

func flattenIntrospection(types map[string]introspectedType) map[string]map[string]string {
	flat := map[string]map[string]string{}
	for name, typ := range types {
		flat[name] = map[string]string{"": typ.Kind}
		for _, field := range typ.Fields {
			flat[name][field.Name] = field.Type.String()
			for _, arg := range field.Args {
				flat[name][field.Name+"("+arg.Name] = arg.Type.String()
			}
		}
	}
	return flat
}

func TestOurSchemaIsAPartOfThePublishedOne(t *testing.T) {
	merged, err := schema.Merge(ourSources(t)...)
	require.NoError(t, err)
	want := flattenIntrospection(introspection(t))
	for name, fields := range flatten(t, merged) {
		require.Contains(t, want, name)
		for field, typ := range fields {
			require.Equal(t, want[name][field], typ, "%s.%s", name, field)
		}
		for field := range want[name] {
			if _, ours := fields[before(field)]; ours {
				require.Contains(t, fields, field, "%s.%s: an argument is missing", name, field)
			}
		}
	}
}

// before cuts the argument off a flattened field.
func before(field string) string {
	for i, c := range field {
		if c == '(' {
			return field[:i]
		}
	}
	return field
}

func TestOurDirectivesSayWhatThePublishedSchemaSays(t *testing.T) {
	ours, err := schema.FromSDL(ourSources(t)...)
	require.NoError(t, err)
	theirs := publishedConfs(t)
	for _, have := range ours {
		want := theirs.Find(have.Name)
		require.NotNil(t, want, have.Name)
		require.Equal(t, want.Datafile, have.Datafile, have.Name)
		require.Equal(t, want.Interface, have.Interface, have.Name)
		require.Equal(t, want.IsInterface, have.IsInterface, have.Name)
		require.Equal(t, want.Resolve, have.Resolve, have.Name)
		for _, field := range have.Fields {
			published := want.Find(field.Name)
			require.NotNil(t, published, "%s.%s", have.Name, field.Name)
			expected := *published
			if expected.Resource() {
				// Our schema says what is answered, and a resource may be answered null though a datafile has to name one.
				expected.IsRequired = false
			}
			require.Equal(t, expected, field, "%s.%s", have.Name, field.Name)
		}
	}
}

func publishedConfs(t *testing.T) schema.Confs {
	t.Helper()
	section, err := yaml.YAMLToJSON(readPublished(t, "schema.yml"))
	require.NoError(t, err)
	confs, err := schema.FromBundle(section)
	require.NoError(t, err)
	return confs
}

func TestThePublishedSchemaAnswersItsOwnIntrospection(t *testing.T) {
	loaded, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.yml", Input: publishedConfs(t).Plain()})
	require.NoError(t, err)
	have := flatten(t, loaded)
	types := introspection(t)
	require.Greater(t, len(have), 400)
	for name, want := range flattenIntrospection(types) {
		if kind := want[""]; name[0] != '_' && (kind == "OBJECT" || kind == "INTERFACE") {
			require.Equal(t, want, have[name], name)
		}
	}
	for name, typ := range types {
		for _, possible := range typ.PossibleTypes {
			require.Contains(t, loaded.Types[possible.Name].Interfaces, name, possible.Name)
		}
	}
}

const small = `
scalar JSON
directive @datafile(schema: String!) on OBJECT
directive @datafiles(schema: String!) on FIELD_DEFINITION
directive @searchable on FIELD_DEFINITION
type Query { songs_v1(title: String, path: String, filter: JSON): [Song_v1!] @datafiles(schema: "/song-1.yml") }
type Song_v1 @datafile(schema: "/song-1.yml") { path: String! title: String! @searchable }
`

func TestSourcesAreMerged(t *testing.T) {
	core := &ast.Source{Name: "core.graphql", Input: small}
	for _, tc := range []struct {
		name, extension string
		errs            []string
	}{
		{"an extension adds a field and a type", `extend type Song_v1 { album: Album_v1 } type Album_v1 { name: String! }`, nil},
		{"a type defined twice names both files", `type Song_v1 { path: String! }`, []string{"Song_v1", "core.graphql", "extension.graphql"}},
		{"a field defined twice names both files", `extend type Song_v1 { title: String! }`, []string{"Song_v1.title", "core.graphql", "extension.graphql"}},
		{"an extension of an unknown type is refused", `extend type Songs_v1 { length: Int }`, []string{"Songs_v1", "no source defines it"}},
		{"an argument that the server would not offer is refused", `extend type Query { all_v1(name: String): [Song_v1!] @datafiles(schema: "/song-1.yml") }`,
			[]string{"Query.all_v1", "title: String, path: String, filter: JSON"}},
		{"a syntax error names its file", `extend type Song_v1 {`, []string{"extension.graphql:1"}},
		{"a list of nullable elements is refused", `extend type Song_v1 { tags: [String] }`, []string{"Song_v1.tags", "non-null"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			confs, err := schema.FromSDL(core, &ast.Source{Name: "extension.graphql", Input: tc.extension})
			if tc.errs == nil {
				require.NoError(t, err)
				require.Equal(t, schema.Field{Name: "album", Type: "Album_v1"}, *confs.Find("Song_v1").Find("album"))
				return
			}
			for _, part := range tc.errs {
				require.ErrorContains(t, err, part)
			}
		})
	}
}

func TestMergedSDLReadsBackAsTheSameSchema(t *testing.T) {
	sources := ourSources(t)
	text, err := schema.SDL(sources...)
	require.NoError(t, err)
	require.Contains(t, text, "directive @synthetic(")
	again, err := schema.SDL(sources...)
	require.NoError(t, err)
	require.Equal(t, text, again)
	want, err := schema.FromSDL(sources...)
	require.NoError(t, err)
	have, err := schema.FromSDL(&ast.Source{Name: "merged", Input: text})
	require.NoError(t, err)
	require.ElementsMatch(t, want, have)
}

func TestBothFormsOfABundleAreRead(t *testing.T) {
	list := `[{"name": "Query", "fields": [{"name": "songs_v1", "type": "Song_v1", "isList": true, "datafileSchema": "/song-1.yml"}]},
		{"name": "Song_v1", "fields": [{"name": "title", "type": "string", "isRequired": true}]}]`
	fromList, err := schema.FromBundle([]byte(list))
	require.NoError(t, err)
	fromObject, err := schema.FromBundle([]byte(`{"$schema": "` + schema.BundleSchema + `", "confs": ` + list + `}`))
	require.NoError(t, err)
	require.Equal(t, fromList, fromObject)
	require.Equal(t, "String!", fromList.Find("Song_v1").Find("title").SDLType())

	section, err := fromList.ForBundle()
	require.NoError(t, err)
	written, err := schema.FromBundle(section)
	require.NoError(t, err)
	require.Equal(t, fromList, written)
}

func TestTheLastOfTwoFieldsOfOneNameWins(t *testing.T) {
	confs, err := schema.FromBundle([]byte(`[{"name": "Query", "fields": [
		{"name": "a", "type": "int"}, {"name": "b", "type": "int"}, {"name": "a", "type": "string"}]}]`))
	require.NoError(t, err)
	require.Equal(t, []schema.Field{{Name: "a", Type: "string"}, {Name: "b", Type: "int"}}, confs[0].Fields)
}

func TestABrokenBundleSchemaIsReportedWhole(t *testing.T) {
	_, err := schema.FromBundle([]byte(`[{"name": "A", "isInterface": true, "fields": [{"name": "b", "type": "B"}]},
		{"name": "A", "fields": []}]`))
	for _, part := range []string{"type A is defined twice", "no type Query", "interface A", `A.b has the unknown type "B"`} {
		require.ErrorContains(t, err, part)
	}
	_, err = schema.FromBundle(nil)
	require.ErrorContains(t, err, "no graphql section")
	_, err = schema.FromBundle([]byte(`"text"`))
	require.ErrorContains(t, err, "want a list")
}
