package jinja_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
)

func document(t *testing.T, text string) any {
	t.Helper()
	decoded, err := jinja.DecodeJSON(text)
	require.NoError(t, err)
	return decoded
}

func TestTheReferencesFiltersAndFunctions(t *testing.T) {
	variables := map[string]any{
		"d": document(t, `{"a": "A", "b": {"b1": "B1", "b2": ["B", 2]}, "x-y": {"q r": 1}}`),
		"i": document(t, `{"items": [{"name": "a", "value": "A"}, {"name": "b", "value": "B1"}, {"name": "b", "value": "B2"}]}`),
		"l": []any{"a", "b"},
	}
	for _, tc := range []struct{ template, rendered string }{
		{"{{ hash_list([])[:6] }} {{ hash_list(['b', 'a'])[:6] }} {{ hash_list([2, 1])[:6] }} {{ hash_list([false, true])[:6] }}", "ca9781 38760e f37508 e0ca28"},
		{"{{ d | extract_jsonpath('a') }} {{ d | extract_jsonpath('b.b1') }} {{ d | extract_jsonpath('b.b2') }} {{ d | extract_jsonpath('b.b2[0]') }} {{ d | extract_jsonpath('c') }}",
			"['A'] ['B1'] [['B', 2]] ['B'] []"},
		{"{{ i | extract_jsonpath('items[0]') }} {{ i | extract_jsonpath(\"items[?(@.name=='a')]\") }}", "[{'name': 'a', 'value': 'A'}] [{'name': 'a', 'value': 'A'}]"},
		{"{{ i | extract_jsonpath(\"items[?(@.name=='b')].value\") }} {{ i | extract_jsonpath(\"items[?(@.name=='c')].value\") }}", "['B1', 'B2'] []"},
		{"{{ i | extract_jsonpath(\"items[?(@.name=='b' & @.value=='B2')].value\") }} {{ i | extract_jsonpath('items.[1].name') }}", "['B2'] ['b']"},
		{"{{ d | extract_jsonpath(\"x-y.'q r'\") }} {{ d | extract_jsonpath('b.*') }}", "[1] ['B1', ['B', 2]]"},
		{"{{ l | extract_jsonpath('[0]') }} {{ 'a' | extract_jsonpath('something') }} {{ none | extract_jsonpath('a') }} {{ 'a' | extract_jsonpath('[0]') }}", "['a'] [] [] []"},
		{"{{ d | matches_jsonpath('a') }} {{ d | matches_jsonpath('c') }}", "True False"},
		{"{{ i | json_pointers('items') }} {{ i | json_pointers('items[*]') }} {{ i | json_pointers('items[0].name') }} {{ i | json_pointers('items[4]') }}",
			"['/items'] ['/items/0', '/items/1', '/items/2'] ['/items/0/name'] []"},
		{"{{ i | json_pointers(\"items[?@.name=='b']\") }} {{ {'a/b': {'k.dot': 1}} | json_pointers(\"'a/b'.'k.dot'\") }} {{ d | json_pointers('$') }}", "['/items/1', '/items/2'] ['/a~1b/k.dot'] ['']"},
		{"{{ 'path/to/object' | str_format('s3://%s') }}", "s3://path/to/object"},
		{"{{ flatten_dict({'a': {'b': 1, 'c': none, 'd': [1]}, 'e': true}) }} {{ flatten_dict({'a': 1}, 'p', sep='/') }}", "{'a.b': '1', 'a.d': '[1]', 'e': 'True'} {'p/a': '1'}"},
		{"{{ '{\"z\": 1, \"a\": {\"y\": 2.0, \"b\": null}}' | json_to_dict }}", "{'z': 1, 'a': {'y': 2.0, 'b': None}}"},
		{"{{ urlescape('ä b/c') }} {{ urlescape('a/b', s='') }} {{ urlunescape('%C3%A4%20ä%zz') }}", "%C3%A4%20b/c a%2Fb ä ä%zz"},
		{"{{ '{% if a %}{{ a }}{{ nothing }}{% for x in nothing %}{% endfor %}{% if not nothing %}!{% endif %}{% endif %}' | eval(a=d) }}", "{'a': 'A', 'b': {'b1': 'B1', 'b2': ['B', 2]}, 'x-y': {'q r': 1}}!"},
		{"{% b64encode %}\n  a\n\n   b\n{% endb64encode %}", "CmEKCiBiCg=="},
	} {
		t.Run(tc.template, func(t *testing.T) {
			rendered, err := jinja.Template{Name: "t", Text: tc.template, Variables: variables}.Render()
			require.NoError(t, err)
			require.Equal(t, tc.rendered, rendered)
		})
	}
}

func TestWhatTheReferencesFiltersRefuse(t *testing.T) {
	for _, tc := range []struct{ name, template, message string }{
		{"a hash of a dict", "{{ hash_list(['hunter2', {}]) }}", "hash_list takes a list of texts, numbers, booleans and None, and there is a dict in it"},
		{"a hash of a list", "{{ hash_list([[]]) }}", "there is a list in it"},
		{"an empty path", "{{ 'a' | extract_jsonpath('') }}", "a JSONPath is a text that is not empty"},
		{"no path", "{{ 'a' | matches_jsonpath(none) }}", "a JSONPath is a text that is not empty"},
		{"a path that cannot be read", "{{ {} | matches_jsonpath('THIS IS AN INVALID JSONPATH]') }}", "the JSONPath cannot be read"},
		{"text that is no JSON", "{{ 'hunter2' | json_to_dict }}", "json_to_dict: not readable as JSON"},
		{"text that is two JSONs", "{{ '{} {}' | json_to_dict }}", "json_to_dict: not readable as JSON"},
		{"text that is no YAML", "{{ '{hunter2' | yaml_to_dict }}", "yaml_to_dict: not readable as YAML"},
		{"a number for JSON", "{{ 1 | json_to_dict }}", "json_to_dict takes text, and got a number"},
		{"an encoding that is not known", "{{ 'a' | urlescape(encoding='hunter2') }}", "the encoding is not supported"},
		{"a text that the encoding does not have", "{{ '€' | urlescape(encoding='latin-1') }}", "has no characters for"},
		{"a name that a function does not have", "{{ urlescape('a', x='hunter2') }}", "urlescape does not take x"},
		{"a function without what it needs", "{{ flatten_dict() }}", "flatten_dict is called without d"},
		{"what is undefined, in a filter", "{{ nope | json_to_dict }}", "nope is undefined"},
		{"an error in eval", "{{ '{{ a + 1 }}' | eval(a='hunter2') }}", "template in eval: line 1: + does not go with text and a number"},
		{"a filter of the reference in eval", "{{ \"{{ '{}' | json_to_dict }}\" | eval }}", "filter 'json_to_dict' is not supported"},
		{"an error that is raised", "a\n{% raise_error 'no ' ~ 1 %}", "line 2: the template raises: no 1"},
		{"a block that does not end", "{% b64encode %}", "Unexpected EOF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := jinja.Template{Name: "t", Text: tc.template}.Render()
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestTheErrorOfAFunctionEndsTheRenderingWithItsKind(t *testing.T) {
	down := apierr.Throttled(7, errors.New("too fast"))
	for _, text := range []string{"\n{{ f() }}", "\n{{ f() | default('x') }}", "\n{% if f() is defined %}{% endif %}", "\n{% for x in [1] if f() %}{% endfor %}"} {
		_, err := jinja.Template{Name: "t", Text: text, Functions: map[string]jinja.Function{
			"f": func(jinja.Call) (any, error) { return nil, down },
		}}.Render()
		require.ErrorContains(t, err, "too fast", text)
		require.True(t, apierr.Is(err, apierr.Limited), text)
		require.EqualValues(t, 7, apierr.RetryAfter(err), text)
	}
}

func TestFunctionsGetAndReturnPlainData(t *testing.T) {
	var called jinja.Call
	rendered, err := jinja.Template{
		Name: "t", Text: "{{{ f([1, none], a={'z': 1.5, 'a': true}) }}} {{ kept }}", ExtraCurly: true,
		Functions: map[string]jinja.Function{"f": func(call jinja.Call) (any, error) {
			called = call
			return jinja.Object{{Key: "z", Value: nil}, {Key: "a", Value: []string{"x"}}}, nil
		}},
	}.Render()
	require.NoError(t, err)
	require.Equal(t, "{'z': None, 'a': ['x']} {{ kept }}", rendered)
	require.Equal(t, jinja.Call{
		Args:  []any{[]any{1, nil}},
		Named: map[string]any{"a": jinja.Object{{Key: "z", Value: 1.5}, {Key: "a", Value: true}}},
	}, called)
}

func TestMocksStandForFunctions(t *testing.T) {
	rendered, err := jinja.Template{
		Name: "t", Text: "{{ vault('a', 'b', c=1) }} {{ s3_ls()[1] }} {{ name() }}", Variables: map[string]any{
			"name": "x", jinja.MocksVariable: map[string]any{"vault": "V", "s3_ls": []any{1, 2}, "name": nil},
		},
	}.Render()
	require.NoError(t, err)
	require.Equal(t, "V 2 None", rendered)
}
