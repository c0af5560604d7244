package yaml11_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

func TestYAMLIsReadByVersion11(t *testing.T) {
	for text, want := range map[string]any{
		"yes": true, "On": true, "TRUE": true, "no": false, "off": false, "False": false, "y": "y", "n": "n",
		`"yes"`: "yes", "'012'": "012", "!!str yes": "yes", "!!int '7'": json.Number("7"), "!!binary aGk=": "hi",
		"~": nil, "null": nil, "Null": nil, "": nil, "nULL": "nULL",
		"0": json.Number("0"), "-0": json.Number("0"), "42": json.Number("42"), "+42": json.Number("42"), "-1_000": json.Number("-1000"),
		"0644": json.Number("420"), "0x1F": json.Number("31"), "0b101": json.Number("5"), "0o14": "0o14", "089": "089",
		"12345678901234567890": json.Number("12345678901234567890"),
		"1:30":                 json.Number("90"), "8080:80": "8080:80", "10:20:30": json.Number("37230"),
		"1.0": json.Number("1.0"), "1.10": json.Number("1.1"), ".5": json.Number("0.5"), "-1.": json.Number("-1.0"), "1e3": "1e3", "1.0e3": "1.0e3", "1.0e+3": json.Number("1000.0"),
		"1:30.5": json.Number("90.5"), "1.2.3": "1.2.3",
		"2024-01-31": "2024-01-31", "10:20": json.Number("620"), "text": "text",
	} {
		got, err := yaml11.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, fault := range map[string]string{
		".nan": "line 1: .nan has no form in JSON", "a: [": "it is not YAML",
		"a: 1\n---\nb: 2": "it is not one YAML document", "? [a]\n: b": "line 1: a key has to be text",
		"a: !custom b": "line 1: the tag !custom is not known", "<<: text": "line 1: a merge key takes maps only",
	} {
		_, err := yaml11.Parse(text)
		require.ErrorContains(t, err, fault, text)
	}
}

func TestMapsOfYAMLAreReadAsTheReferenceDoes(t *testing.T) {
	got, err := yaml11.Parse(`
base: &base {a: 1, b: [x, yes]}
other: &other {c: 3, a: 9}
merged: {<<: [*base, *other], b: own}
twice: first
twice: second
8080: port
on: switch
~: nothing
same: *base
`)
	require.NoError(t, err)
	base := map[string]any{"a": json.Number("1"), "b": []any{"x", true}}
	require.Equal(t, map[string]any{
		"base": base, "same": base, "other": map[string]any{"c": json.Number("3"), "a": json.Number("9")},
		"merged": map[string]any{"a": json.Number("1"), "b": "own", "c": json.Number("3")},
		"twice":  "second", "8080": "port", "true": "switch", "null": "nothing",
	}, got)
}

func TestAliasesThatUnfoldToTooMuchAreRefused(t *testing.T) {
	text := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for _, next := range []string{"ab", "bc", "cd", "de", "ef", "fg", "gh"} {
		from, to := next[:1], next[1:]
		text += to + ": &" + to + " [*" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + ", *" + from + "]\n"
	}
	_, err := yaml11.Parse(text)
	require.ErrorContains(t, err, "aliases unfold to too much")
}

func TestAllDocumentsOfATextAreRead(t *testing.T) {
	for text, want := range map[string][]any{
		"":                              nil,
		"a: yes":                        {map[string]any{"a": true}},
		"---\na: 1\n---\n---\nb\n...\n": {map[string]any{"a": json.Number("1")}, nil, "b"},
	} {
		got, err := yaml11.ParseAll(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	_, err := yaml11.ParseAll("a: 1\n---\na: [\n")
	require.ErrorContains(t, err, "it is not YAML")
}
