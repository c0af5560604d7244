package server_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// readBundle reads a bundle of testdata. The bundles have the shapes of those in qontract-server's own tests.
func readBundle(t testing.TB, name string) *server.Bundle {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	b, err := server.ReadBundle(file)
	require.NoError(t, err)
	return b
}

// ask returns the answer as a client reads it.
func ask(t testing.TB, b *server.Bundle, query server.Query) map[string]any {
	t.Helper()
	data, err := json.Marshal(b.Execute(context.Background(), query))
	require.NoError(t, err)
	var answer map[string]any
	require.NoError(t, json.Unmarshal(data, &answer))
	return answer
}

// The answers are those that qontract-server 2.0.0 gives for the same bundles, but for one: it takes /deck.yml behind
// DatafileObject_v1 for a Table_v1 (see newEngine).
func TestQueriesAreAnsweredAsByQontractServer(t *testing.T) {
	for _, tc := range []struct {
		name, bundle, query string
		data, schemas       string
	}{
		{"a list of references is resolved, and interfaces by the value of a field", "access.json",
			`{ roles: roles_v1 { name permissions { service ... on PermissionTeam_v1 { team } } } }`,
			`{"roles": [{"name": "dev", "permissions": [{"service": "team", "team": "builders"}, {"service": "org"}]}, {"name": "empty", "permissions": []}]}`,
			`["/role-1.yml", "/permission-1.yml"]`},
		{"elements of which nothing was asked are left out", "access.json",
			`{ roles: roles_v1(name: "dev") { permissions { ... on PermissionTeam_v1 { team } } } }`,
			`{"roles": [{"permissions": [{"team": "builders"}]}]}`, `["/role-1.yml", "/permission-1.yml"]`},
		{"a reference inside an object is resolved", "access.json",
			`{ apps: apps_v1 { repos { org { name } } } }`,
			`{"apps": [{"repos": [{"org": {"name": "registry"}}]}]}`, `["/app-1.yml", "/org-1.yml"]`},
		{"a reference to a missing datafile is null", "access.json",
			`{ apps: apps_v1 { owner { name } } }`, `{"apps": [{"owner": null}]}`, `["/app-1.yml"]`},
		{"a datafile is found by its path", "access.json",
			`{ roles_v1(path: "/role-empty.yml") { name path schema } }`,
			`{"roles_v1": [{"name": "empty", "path": "/role-empty.yml", "schema": "/role-1.yml"}]}`, `["/role-1.yml"]`},
		{"a datafile is found by a searchable field", "access.json",
			`{ roles_v1(name: "empty") { path } }`, `{"roles_v1": [{"path": "/role-empty.yml"}]}`, `["/role-1.yml"]`},
		{"an argument that is null selects everything", "access.json",
			`{ roles_v1(name: null) { name } }`, `{"roles_v1": [{"name": "dev"}, {"name": "empty"}]}`, `["/role-1.yml"]`},
		{"JSON is answered as text with its keys in their order", "access.json",
			`{ roles_v1(name: "dev") { labels } }`,
			`{"roles_v1": [{"labels": "{\"7\":{},\"z\":1,\"a\":[true,null,\"<&>\"],\"m\":0.5}"}]}`, `["/role-1.yml"]`},
		{"scalars are brought into the field's type", "access.json",
			`{ apps: apps_v1 { replicas title enabled ratio } }`,
			`{"apps": [{"replicas": 3, "title": "12", "enabled": true, "ratio": 2.5}]}`, `["/app-1.yml"]`},
		{"a resource is found by its path", "access.json",
			`{ resources_v1(path: "/motd.txt") { path content sha256sum schema } }`,
			`{"resources_v1": [{"path": "/motd.txt", "content": "hello", "sha256sum": "aa", "schema": null}]}`, `[]`},
		{"resources are found by schema", "access.json",
			`{ resources_v1(schema: "/rule-1.yml") { path schema } }`,
			`{"resources_v1": [{"path": "/rule.yml", "schema": "/rule-1.yml"}]}`, `["/rule-1.yml"]`},
		{"all resources are listed", "access.json",
			`{ resources_v1 { path } }`, `{"resources_v1": [{"path": "/motd.txt"}, {"path": "/rule.yml"}]}`, `["/rule-1.yml"]`},
		{"a resource field answers the resource or its path, as the schema says", "access.json",
			`{ apps_v1 { banner { content } bannerPath missing { content } } }`,
			`{"apps_v1": [{"banner": {"content": "hello"}, "bannerPath": "/motd.txt", "missing": null}]}`, `["/app-1.yml"]`},
		{"fragments, aliases, variables in directives and __typename work", "access.json",
			`query Q($with: Boolean = false) { roles_v1(name: "dev") { ...F label: name @include(if: $with) permissions { __typename } } } fragment F on Role_v1 { name }`,
			`{"roles_v1": [{"name": "dev", "permissions": [{"__typename": "PermissionTeam_v1"}, {"__typename": "PermissionOrg_v1"}]}]}`, `["/role-1.yml"]`},

		{"an interface of datafiles is resolved by $schema", "music.json",
			`{ c: collections_v1 { name items { path schema ... on Record_v1 { label } ... on Tape_v1 { length } } } }`,
			`{"c": [{"name": "attic", "items": [{"path": "/tape.yml", "schema": "/tape-1.yml", "length": 90}, {"path": "/record.yml", "schema": "/record-1.yml", "label": "blue"}]}]}`,
			`["/collection-1.yml", "/tape-1.yml", "/record-1.yml"]`},
		{"an interface of datafiles finds the type behind another interface", "music.json",
			`{ players_v1 { __typename name } d: collections_v1 { devices { __typename path } } }`,
			`{"players_v1": [{"__typename": "Deck_v1", "name": "deck"}, {"__typename": "Table_v1", "name": "table"}],
			  "d": [{"devices": [{"__typename": "Deck_v1", "path": "/deck.yml"}, {"__typename": "Table_v1", "path": "/table.yml"}]}]}`,
			`["/player-1.yml", "/collection-1.yml"]`},
		{"a schema without datafiles gives an empty list", "music.json", `{ empties_v1 { name } }`, `{"empties_v1": []}`, `[]`},
		{"a back-reference through a list stands once however often it refers", "music.json",
			`{ records_v1 { collections { name } } }`, `{"records_v1": [{"collections": [{"name": "attic"}]}]}`, `["/collection-1.yml"]`},
		{"a back-reference through an object with a list works", "music.json",
			`{ tapes_v1 { lenders { name } } }`, `{"tapes_v1": [{"lenders": [{"name": "library"}]}]}`, `["/lender-1.yml"]`},
		{"a back-reference through a list of objects works", "music.json",
			`{ lenders_v1 { shelves { name } } }`, `{"lenders_v1": [{"shelves": [{"name": "top"}]}]}`, `["/shelf-1.yml"]`},

		{"filter: a field equals a value", "music.json", `{ songs_v1(filter: {title: "one"}) { title } }`, `{"songs_v1": [{"title": "one"}]}`, `["/song-1.yml"]`},
		{"filter: a number equals", "music.json", `{ songs_v1(filter: {length: 3}) { title } }`, `{"songs_v1": [{"title": "two"}]}`, `["/song-1.yml"]`},
		{"filter: a field is absent", "music.json", `{ songs_v1(filter: {genre: null}) { title } }`, `{"songs_v1": [{"title": "three"}, {"title": "four"}]}`, `["/song-1.yml"]`},
		{"filter: in", "music.json", `{ songs_v1(filter: {title: {in: ["one", "three"]}}) { title } }`, `{"songs_v1": [{"title": "one"}, {"title": "three"}]}`, `["/song-1.yml"]`},
		{"filter: ne", "music.json", `{ songs_v1(filter: {genre: {ne: "jazz"}}) { title } }`, `{"songs_v1": [{"title": "two"}, {"title": "three"}, {"title": "four"}]}`, `["/song-1.yml"]`},
		{"filter: a reference is set", "music.json", `{ songs_v1(filter: {covers: {ne: null}}) { title covers { title } } }`, `{"songs_v1": [{"title": "three", "covers": {"title": "one"}}]}`, `["/song-1.yml"]`},
		{"filter: a list equals", "music.json", `{ songs_v1(filter: {tags: ["a", "b"]}) { title } }`, `{"songs_v1": [{"title": "one"}]}`, `["/song-1.yml"]`},
		{"filter: a list is absent", "music.json", `{ songs_v1(filter: {tags: null}) { title } }`, `{"songs_v1": [{"title": "three"}, {"title": "four"}]}`, `["/song-1.yml"]`},
		{"filter: a referenced object matches", "music.json", `{ songs_v1(filter: {covers: {filter: {title: "one"}}}) { title } }`, `{"songs_v1": [{"title": "three"}]}`, `["/song-1.yml"]`},
		{"filter: all objects of a list of references match", "music.json", `{ songs_v1(filter: {medley: {filter: {title: {in: ["one", "two"]}}}}) { title } }`, `{"songs_v1": [{"title": "four"}]}`, `["/song-1.yml"]`},
		{"filter: equality does not reach into a list of references", "music.json", `{ songs_v1(filter: {medley: {filter: {title: "one"}}}) { title } }`, `{"songs_v1": []}`, `[]`},
		{"filter: fields of an interface's types may be named", "music.json", `{ players_v1(filter: {motors: 2}) { name } }`, `{"players_v1": [{"name": "deck"}]}`, `["/player-1.yml"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer := ask(t, readBundle(t, tc.bundle), server.Query{Query: tc.query})
			require.NotContains(t, answer, "errors")
			have, err := json.Marshal(answer["data"])
			require.NoError(t, err)
			require.JSONEq(t, tc.data, string(have))
			schemas, err := json.Marshal(answer["extensions"])
			require.NoError(t, err)
			require.JSONEq(t, `{"schemas": `+tc.schemas+`}`, string(schemas))
		})
	}
}

func TestFiltersTakeVariables(t *testing.T) {
	music := readBundle(t, "music.json")
	for _, tc := range []struct {
		name, query string
		variables   map[string]any
		titles      []any
	}{
		{"as a whole", `query($f: JSON) { songs_v1(filter: $f) { title } }`, map[string]any{"f": map[string]any{"genre": nil, "title": map[string]any{"ne": "four"}}}, []any{"three"}},
		{"inside a literal", `query($t: [String!]) { songs_v1(filter: {title: {in: $t}}) { title } }`, map[string]any{"t": []any{"two"}}, []any{"two"}},
		{"as a number", `query($f: JSON) { songs_v1(filter: $f) { title } }`, map[string]any{"f": map[string]any{"length": 3.0}}, []any{"two"}},
		{"null selects all", `query($f: JSON, $p: String) { songs_v1(filter: $f, path: $p) { title } }`, map[string]any{"f": nil}, []any{"one", "two", "three", "four"}},
		{"a default", `query($p: String = "/song2.yml") { songs_v1(path: $p) { title } }`, nil, []any{"two"}},
		{"a filter that is no object selects nothing", `query($f: JSON) { songs_v1(filter: $f) { title } }`, map[string]any{"f": "one"}, []any{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer := ask(t, music, server.Query{Query: tc.query, Variables: tc.variables})
			require.NotContains(t, answer, "errors")
			titles := []any{}
			for _, song := range answer["data"].(map[string]any)["songs_v1"].([]any) {
				titles = append(titles, song.(map[string]any)["title"])
			}
			require.Equal(t, tc.titles, titles)
		})
	}
}

func TestErrorsOfAQuery(t *testing.T) {
	for _, tc := range []struct {
		name, bundle string
		query        server.Query
		status       int
		code         string
		parts        []string
	}{
		{"a syntax error", "access.json", server.Query{Query: "{ roles_v1 {"}, 400, "GRAPHQL_PARSE_FAILED", []string{"Syntax Error: ", `"line":1`}},
		{"an unknown field", "access.json", server.Query{Query: "{ roles_v1 { nam } }"}, 400, "GRAPHQL_VALIDATION_FAILED", []string{"nam", `"column":14`}},
		{"an argument that is not searchable", "access.json", server.Query{Query: `{ orgs_v1(name: "x") { name } }`}, 400, "GRAPHQL_VALIDATION_FAILED", []string{"Unknown argument"}},
		{"an operation that is not there", "access.json", server.Query{Query: `query A { roles_v1 { name } }`, OperationName: "B"}, 400, "OPERATION_RESOLUTION_FAILURE", []string{`Unknown operation`}},
		{"one of several operations must be named", "access.json", server.Query{Query: `query A { roles_v1 { name } } query B { roles_v1 { path } }`}, 400, "OPERATION_RESOLUTION_FAILURE", []string{"Must provide operation name"}},
		{"a variable that is missing", "access.json", server.Query{Query: `query($p: String!) { roles_v1(path: $p) { name } }`}, 400, "BAD_USER_INPUT", []string{"Variable $p: must be defined"}},
		{"a resource that does not exist", "access.json", server.Query{Query: `{ resources_v1(path: "/none") { content } }`}, 200, "INTERNAL_SERVER_ERROR", []string{`"data":null`, "Cannot return null for non-nullable field Query.resources_v1", `"path":["resources_v1",0]`}},
		{"a required field that is missing", "access.json", server.Query{Query: "{\n apps_v1 { required } }"}, 200, "INTERNAL_SERVER_ERROR", []string{`"apps_v1":null`, "App_v1.required", `"line":2,"column":12`}},
		{"a text where a number is due", "access.json", server.Query{Query: `{ apps_v1 { name notANumber } }`}, 200, "INTERNAL_SERVER_ERROR", []string{`"name":"shop"`, `"notANumber":null`, `Int cannot represent non-integer value: \"many\"`}},
		{"an object where a string is due", "access.json", server.Query{Query: `{ apps_v1 { notAString } }`}, 200, "INTERNAL_SERVER_ERROR", []string{`String cannot represent value`}},
		{"a value where a list is due", "access.json", server.Query{Query: `{ apps_v1 { notAList } }`}, 200, "INTERNAL_SERVER_ERROR", []string{`notAList must be a list`}},
		{"a value that no type of an interface has", "access.json", server.Query{Query: `{ permissions_v1(path: "/permission-odd.yml") { service } }`}, 200, "INTERNAL_SERVER_ERROR", []string{`"permissions_v1":null`, `with value \"/permission-odd.yml\"`}},
		{"a filter on an unknown field", "music.json", server.Query{Query: `{ songs_v1(filter: {speed: 1}) { title } }`}, 200, "BAD_FILTER_FIELD", []string{`Field \"speed\" does not exist on type \"Song_v1\"`, `"songs_v1":null`}},
		{"a nested filter on an unknown field", "music.json", server.Query{Query: `{ songs_v1(filter: {covers: {filter: {speed: 1}}}) { title } }`}, 200, "BAD_FILTER_FIELD", []string{`does not exist on type \"Song_v1\"`}},
		{"a filter that is a list", "music.json", server.Query{Query: `{ songs_v1(filter: ["one"]) { title } }`}, 200, "BAD_FILTER_FIELD", []string{"must be an object"}},
		{"a text after in", "music.json", server.Query{Query: `{ songs_v1(filter: {title: {in: "one"}}) { title } }`}, 200, "BAD_FILTER_FIELD", []string{"takes a list"}},
		{"a nested filter on a plain field", "music.json", server.Query{Query: `{ songs_v1(filter: {title: {filter: {speed: 1}}}) { title } }`}, 200, "BAD_FILTER_FIELD", []string{`plain value`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer := readBundle(t, tc.bundle).Execute(context.Background(), tc.query)
			require.Equal(t, tc.status, answer.Status)
			data, err := json.Marshal(answer)
			require.NoError(t, err)
			require.Contains(t, string(data), `"code":"`+tc.code+`"`)
			for _, part := range tc.parts {
				require.Contains(t, string(data), part)
			}
		})
	}
}

func TestIntrospectionIsAnswered(t *testing.T) {
	answer := ask(t, readBundle(t, "music.json"), server.Query{Query: `{ __schema { queryType { name } } __type(name: "Player_v1") { kind possibleTypes { name } } }`})
	require.NotContains(t, answer, "errors")
	data := answer["data"].(map[string]any)
	require.Equal(t, "INTERFACE", data["__type"].(map[string]any)["kind"])
	require.ElementsMatch(t, []any{map[string]any{"name": "Deck_v1"}, map[string]any{"name": "Table_v1"}}, data["__type"].(map[string]any)["possibleTypes"])
}

func TestBrokenBundlesAreReported(t *testing.T) {
	const graphql = `"graphql": [{"name": "Query", "fields": [{"name": "a", "type": "string"}]}]`
	for _, tc := range []struct {
		name, bundle string
		parts        []string
	}{
		{"text that is no JSON, with its line", "{\n\"data\": {,", []string{"not JSON", "line 2"}},
		{"JSON that is cut off", `{"data": {`, []string{"unexpected EOF"}},
		{"a bundle that is no object", `[]`, []string{"must be a JSON object"}},
		{"all broken files together", `{"data": {"/a.yml": {"x": 1}, "/b.yml": {}}, "resources": {"/r": {"path": "/r", "content": ""}}, ` + graphql + `}`,
			[]string{"/a.yml: $schema: is missing", "/b.yml", "/r: sha256sum: is missing"}},
		{"a section that is missing", `{"data": {}, ` + graphql + `}`, []string{"resources"}},
		{"a schema that is missing", `{"data": {}, "resources": {}}`, []string{"no graphql section"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := server.ReadBundle(strings.NewReader(tc.bundle))
			for _, part := range tc.parts {
				require.ErrorContains(t, err, part)
			}
		})
	}
}
