package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// folder makes a file system of "name: content" pairs.
func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, content := range files {
		out[name] = &fstest.MapFile{Data: []byte(strings.TrimPrefix(content, "\n"))}
	}
	return out
}

var songSchema = server.SchemaFrom(`
scalar JSON
directive @datafile(schema: String!) on OBJECT
directive @datafiles(schema: String!) on FIELD_DEFINITION
directive @resource on FIELD_DEFINITION
type Query {
  songs_v1(path: String, filter: JSON): [Song_v1!] @datafiles(schema: "/song-1.yml")
  resources_v1(path: String, schema: String): [Resource_v1!]! @resource
}
type Resource_v1 { path: String! content: String! sha256sum: String! schema: String backrefs: [Backref_v1!] }
type Backref_v1 { path: String! datafileSchema: String! type: String! jsonpath: String! }
type Song_v1 @datafile(schema: "/song-1.yml") { path: String! title: String! album: Album_v1 notes: [Note_v1!] meta: JSON }
type Album_v1 { title: String! }
type Note_v1 { text: Resource_v1 @resource }
`)

func songs() map[string]string {
	return map[string]string{
		"data/songs/one.yml": `
---
$schema: /song-1.yml
title: one
album: { $ref: /albums/first.yaml }
notes:
- text: /notes/one.md
meta: &m { z: 1, a: 2026-01-02, on: yes }
`,
		"data/songs/two.json":     `{"$schema": "/song-1.yml", "title": "two"}`,
		"data/albums/first.yaml":  "$schema: /album-1.yml\ntitle: first\n",
		"data/README.md":          "not a datafile",
		"resources/notes/one.md":  "a note\n",
		"resources/rules/one.yml": "---\n$schema: /rule-1.yml\nx: {{ y }}\n",
	}
}

func TestAFolderIsServed(t *testing.T) {
	b, err := server.ReadFolder(folder(songs()), server.FolderOptions{Schema: songSchema, Commit: "c0ffee", Timestamp: "1700000000"})
	require.NoError(t, err)
	require.Empty(t, b.Warnings())
	require.Equal(t, "c0ffee", b.Commit())
	require.Equal(t, "1700000000", b.Timestamp())
	answer := ask(t, b, server.Query{Query: `{ songs_v1 { path title album { title } notes { text { content } } meta }
		resources_v1 { path schema sha256sum backrefs { path datafileSchema type jsonpath } } }`})
	require.NotContains(t, answer, "errors")
	have, err := json.Marshal(answer["data"])
	require.NoError(t, err)
	require.JSONEq(t, `{
	  "songs_v1": [
	    {"path": "/songs/one.yml", "title": "one", "album": {"title": "first"}, "notes": [{"text": {"content": "a note\n"}}], "meta": "{\"z\":1,\"a\":\"2026-01-02\",\"on\":\"yes\"}"},
	    {"path": "/songs/two.json", "title": "two", "album": null, "notes": null, "meta": null}],
	  "resources_v1": [
	    {"path": "/notes/one.md", "schema": null, "sha256sum": "037279912cb60d7be67228853b057cc642443b4ce29b8a5a5bfbb68234b0b962",
	     "backrefs": [{"path": "/songs/one.yml", "datafileSchema": "/song-1.yml", "type": "Note_v1", "jsonpath": "notes.[0].text"}]},
	    {"path": "/rules/one.yml", "schema": "/rule-1.yml", "sha256sum": "b1beb1c8d91f542d2632ada1fc37742bdea9ed5d7f63212eaad015e63b54f71a", "backrefs": []}]}`, string(have))
}

func TestAFolderGivesTheSameBundleEveryTime(t *testing.T) {
	options := server.FolderOptions{Schema: songSchema}
	data, _, err := server.EncodeFolder(folder(songs()), options)
	require.NoError(t, err)
	again, err := server.ReadFolder(folder(songs()), options)
	require.NoError(t, err)
	fromBytes, err := server.ReadBundle(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, fromBytes.SHA(), again.SHA())
	require.Len(t, again.Commit(), 40)

	changed := songs()
	changed["data/songs/two.json"] = `{"$schema": "/song-1.yml", "title": "too"}`
	other, err := server.ReadFolder(folder(changed), options)
	require.NoError(t, err)
	require.NotEqual(t, again.SHA(), other.SHA())
	require.NotEqual(t, again.Commit(), other.Commit())
}

func TestAFolderBringsItsOwnSchema(t *testing.T) {
	files := songs()
	files["graphql-schemas/schema.yml"] = `
$schema: /app-interface/graphql-schemas-1.yml
confs:
- name: Query
  fields:
  - { name: albums_v1, type: Album_v1, isList: true, datafileSchema: /album-1.yml }
- name: Album_v1
  fields:
  - { name: title, type: string, isRequired: true }
`
	b, err := server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"albums_v1": []any{map[string]any{"title": "first"}}}, ask(t, b, server.Query{Query: "{ albums_v1 { title } }"})["data"])
}

func TestAllBrokenFilesOfAFolderAreReported(t *testing.T) {
	files := songs()
	files["data/a.yml"] = "$schema: /song-1.yml\ntitle: [\n"
	files["data/b.yml"] = "$schema: /song-1.yml\ntitle: x\ntitle: y\nalbum:\n  k: 1\n  k: 2\n"
	files["data/c.yml"] = "title: no schema\n"
	files["data/d.yml"] = "$schema: /song-1.yml\ntitle: d\nmeta: { list: [ 1, { $ref: /gone.yml } ] }\nnotes: [ { text: /gone.md } ]\n"
	files["data/e.yml"] = "- a list\n"
	files["data/f.yml"] = ""
	files["data/g.json"] = "{\n \"$schema\": \"/song-1.yml\",\n \"a\": 1, \"a\": 2}"
	files["data/h.yml"] = "$schema: /song-1.yml\n---\n$schema: /song-1.yml\n"
	files["data/i.yml"] = "$schema: /song-1.yml\n1: x\nmeta: .inf\n"
	files["resources/binary"] = "\xff\xfe"
	_, err := server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	var problems server.Problems
	require.ErrorAs(t, err, &problems)
	var lines []string
	for _, problem := range problems {
		lines = append(lines, problem.String())
	}
	report := strings.Join(lines, "\n")
	for _, part := range []string{
		"/a.yml: not YAML: yaml: line ",
		`/b.yml: line 3: key "title" stands twice in one mapping, first in line 2`,
		`line 6: key "k" stands twice in one mapping, first in line 5`,
		"/c.yml: $schema: is missing",
		"/d.yml: meta.list.[1].$ref: no datafile /gone.yml",
		"/d.yml: notes.[0].text: no resource /gone.md",
		"/e.yml: a datafile must be a mapping",
		"/f.yml: the file is empty",
		`/g.json: line 3: key "a" stands twice`,
		"/h.yml: line 2: a second document",
		`/i.yml: line 2: key "1" must be a string`,
		"line 3: \".inf\" is no number",
		"/binary: a resource must be UTF-8 text",
	} {
		require.Contains(t, report, part)
	}
	require.NotContains(t, report, "/songs/one.yml")
}

func TestADatafileThatNoQueryReachesIsAWarning(t *testing.T) {
	files := songs()
	files["data/lost.yml"] = "$schema: /lost-1.yml\nname: lost\n"
	b, err := server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	require.NoError(t, err)
	require.Len(t, b.Warnings(), 1)
	require.Equal(t, "/lost.yml", b.Warnings()[0].File)
	require.Contains(t, b.Warnings()[0].Text, "/lost-1.yml")
}

func TestYAMLAnchorsAndMergeKeys(t *testing.T) {
	files := map[string]string{
		"data/one.yml": "$schema: /song-1.yml\ntitle: one\nmeta:\n  base: &b { x: 1, y: 2 }\n  own:\n    <<: *b\n    y: 3\n    text: !!str 5\n    none: ~\n",
	}
	b, err := server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	require.NoError(t, err)
	answer := b.Execute(context.Background(), server.Query{Query: "{ songs_v1 { meta } }"})
	data, err := json.Marshal(answer.Data)
	require.NoError(t, err)
	require.JSONEq(t, `{"songs_v1": [{"meta": "{\"base\":{\"x\":1,\"y\":2},\"own\":{\"y\":3,\"text\":\"5\",\"none\":null,\"x\":1}}"}]}`, string(data))

	bomb := "$schema: /song-1.yml\ntitle: bomb\nmeta:\n  a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
	for i := range 9 {
		bomb += "  a" + string(rune('1'+i)) + ": &a" + string(rune('1'+i)) + " [" + strings.Repeat("*a"+string(rune('0'+i))+",", 9) + "*a" + string(rune('0'+i)) + "]\n"
	}
	files["data/bomb.yml"] = bomb
	_, err = server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	require.ErrorContains(t, err, "/bomb.yml")
}

func TestAnEmptyFolderIsAnEmptyBundle(t *testing.T) {
	b, err := server.ReadFolder(fstest.MapFS{}, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"namespaces_v1": []any{}}, ask(t, b, server.Query{Query: "{ namespaces_v1 { name } }"})["data"])
}
