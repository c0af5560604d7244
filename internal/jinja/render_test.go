package jinja_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(data)
}

// The rendered files are what Jinja2 3.1 makes of the template.
func TestAnAccountsTemplateIsRenderedAsJinjaDoes(t *testing.T) {
	settings := map[string]any{"supported": true, "accountOwners": []map[string]string{{"email": "a@example.com"}, {"email": "b@example.com"}}}
	for _, tc := range []struct {
		rendered string
		request  map[string]any
		owners   []map[string]string
	}{
		{"account.yml", map[string]any{
			"name": "shop-prod", "description": `the shop's "prod"`, "owner": nil,
			"organization":     map[string]any{"ou": "/prod/shop", "tags": map[string]any{"team": "shop", "cost": 12}},
			"quotaLimits":      []any{map[string]any{"path": "/aws/quota/a.yml"}, map[string]any{"path": "/aws/quota/b.yml"}},
			"supportedRegions": []string{"us-east-1", "eu-west-1"},
		}, []map[string]string{{"email": "a@example.com"}, {"email": "b@example.com"}}},
		{"account-bare.yml", map[string]any{
			"name": "bare", "description": "", "organization": nil, "quotaLimits": []any{}, "region": "eu-west-1",
			"labels": map[string]string{"a": "b"},
		}, nil},
	} {
		t.Run(tc.rendered, func(t *testing.T) {
			settings["accountOwners"] = tc.owners
			if tc.owners == nil {
				settings["accountOwners"] = []any{}
			}
			rendered, err := jinja.Render("/aws/account-tmpl.yml", read(t, "account.yml.j2"), map[string]any{
				"accountRequest": tc.request, "uid": "000123456789", "timestamp": int64(1766275201), "settings": settings,
			})
			require.NoError(t, err)
			require.Equal(t, read(t, tc.rendered), rendered)
		})
	}
}

var plain = map[string]any{
	"n": nil, "i": 3, "f": 1.0, "b": true, "s": "x", "l": []any{1, nil, true, "it's", 2.5}, "big": 1e20,
	"m": map[string]any{"b": 1, "a": nil, "items": []any{1}},
}

// The texts are Jinja2's.
func TestExpressionsMeanWhatTheyMeanInPython(t *testing.T) {
	for _, tc := range []struct{ template, rendered string }{
		{"{{ n }} {{ none }} {{ None }} {{ [none, true] }}", "None None None [None, True]"},
		{"{{ l }} {{ m }}", `[1, None, True, "it's", 2.5] {'a': None, 'b': 1, 'items': [1]}`},
		{"{{ n is defined }} {{ zz is defined }} {{ n | default('d') }} {{ zz | default('d') }} {{ m.zz | default('d') }}", "True False None d d"},
		{"{{ 7 // 2 }} {{ 7 / 2 }} {{ 2 ** 3 }} {{ -7 // 2 }} {{ -7 % 3 }}", "3 3.5 8 -4 2"},
		{"{{ 1e3 }} {{ big }} {{ 0.1 + 0.2 }} {{ 1.5e-7 }}", "1000.0 1e+20 0.30000000000000004 1.5e-07"},
		{"{{ i == 3.0 }} {{ 1 == true }} {{ s == n }} {{ (1,2) == [1,2] }} {{ b + 1 }}", "True True False False 2"},
		{"{{ (1, 'a') }} {{ (1,) }} {{ {'z': [none], 'a': 1.0} }}", "(1, 'a') (1,) {'z': [None], 'a': 1.0}"},
		{"{{ 'é'[0] }} {% for c in 'éa' %}{{ c }};{% endfor %}", "é é;a;"},
		{"{% for k, v in m.items() %}{{ k }}={{ v }} {% endfor %}", "a=None b=1 items=[1] "},
		{"{% for a in l %}{{ loop.index }}{{ ',' if not loop.last }}{% endfor %}", "1,2,3,4,5"},
		{"{% set found = [] %}{% for x in [1, 2] %}{% set _ = found.append(x) %}{% endfor %}{{ found }}", "[1, 2]"},
		{"{% set x = 1 %}{% for a in [1] %}{% set x = 2 %}{% endfor %}{{ x }}{% if b %}{% set x = 3 %}{% endif %}{{ x }}", "13"},
		{"{% set d = {} %}{{ 'y' if d else 'n' }}{% set _ = d.update({'k': 1}) %}{{ d }}", "n{'k': 1}"},
		{"{{ 'a b'.split() }} {{ 'a.b.c'.rsplit('.', 1) }} {{ 'ab'.count('c') }} {{ '{0}-{x}'.format(n, x=1) }}", "['a', 'b'] ['a.b', 'c'] 0 None-1"},
		{"{{ [1, 3, 2] | reverse | list }} {{ [none, 1] | join(',') }} {{ 2.5 | round }} {{ true | int }}", "[2, 3, 1] None,1 2.0 1"},
		{"{{ 'é😀' | tojson }} {{ l | tojson(indent=1) }}", "\"\\u00e9\\ud83d\\ude00\" [\n 1,\n null,\n true,\n \"it\\u0027s\",\n 2.5\n]"},
		{"x\n  {% if b %}\n  {{ s }} {% endif %}\n{# c #}\nz\n", "x\n  x z\n"},
		{"{% raw %}{{ a }}{% endraw %}{{- ' b' -}} c", "{{ a }} bc"},
	} {
		t.Run(tc.template, func(t *testing.T) {
			rendered, err := jinja.Render("t", tc.template, plain)
			require.NoError(t, err)
			require.Equal(t, tc.rendered, rendered)
		})
	}
}

func TestWhatCannotBeRenderedIsAnErrorThatSaysWhere(t *testing.T) {
	for _, tc := range []struct{ name, template, message string }{
		{"an undefined variable", "a\n\n{{ zz }}", "line 3: zz is undefined"},
		{"an undefined attribute", "{{ m.zz }}", "line 1: zz is undefined"},
		{"an undefined item", "{{ m['zz'] }}", "line 1: the item zz of a dict is undefined"},
		{"what is undefined within a list", "{{ [1, zz] }}", "line 1: zz is undefined"},
		{"an undefined variable in a condition", "\n{% if zz %}{% endif %}", "line 2: zz is undefined"},
		{"an undefined variable in the condition of a loop", "\n{% for a in l if zz %}{% endfor %}", "line 2: zz is undefined"},
		{"a function that is not known", "{{ vault('a', 'b') }}", "line 1: no function vault is known"},
		{"a filter that is not known", "{{ s | nope }}", "line 1: filter 'nope' is not supported"},
		{"a test that is not known", "{{ s is nope }}", "line 1: test 'nope' is not supported"},
		{"a tag that is not known", "\n{% nope %}", "line 2: the tag nope is not supported"},
		{"a tag that is not closed", "{% if b %}", "Unexpected EOF"},
		{"a text and a number", "{{ 'a' + 1 }}", "line 1: + does not go with text and a number"},
		{"a division by zero", "{{ 1 % 0 }}", "divided by zero"},
		{"a loop over None", "{% for x in n %}{% endfor %}", "line 1: None is no list to go through"},
		{"a loop over a dict with two variables", "{% for k, v in m %}{% endfor %}", "something else than pairs"},
		{"two comparisons in one", "{{ 1 < i < 3 }}", "a comparison of a comparison"},
		{"a filter that gonja would give to the wrong side", "{{ 'a' in s | upper }}", "a filter after `in`"},
		{"another template, by include", "{% include '/etc/passwd' %}", "the tag include is not supported"},
		{"another template, by import", "{% import '/etc/passwd' as x %}", "the tag import is not supported"},
		{"another template, by from", "{% from '/etc/passwd' import x %}", "the tag from is not supported"},
		{"another template, by extends", "{% extends '/etc/passwd' %}", "the tag extends is not supported"},
		{"a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "macros call each other"},
		{"a loop that calls itself", "{% for x in l recursive %}{{ loop(l) }}{% endfor %}", "recursive loops are not supported"},
		{"loops without end", "{% for a in range(2000) %}{% for b in range(2000) %}{% endfor %}{% endfor %}", "more than 100000 rounds"},
		{"an endless range", "{{ range(9999999999) | length }}", "longer than"},
		{"brackets without end", "{{ " + strings.Repeat("(", 100_000), "brackets nest deeper"},
		{"an output without end", "{% for a in range(99999) %}{{ 'a' * 1000 }}{% endfor %}", "renders to more than"},
		{"a text without end", "{{ 'abc' * 999999999 }}", "repeated to more than"},
		{"an integer of more than 64 bits", "{{ 9223372036854775807 + 1 }}", "more than 64 bits"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rendered, err := jinja.Render("/templates/state.yml", tc.template, plain)
			require.ErrorContains(t, err, "template /templates/state.yml: ")
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.Empty(t, rendered)
		})
	}
}

func TestErrorsDoNotTellValues(t *testing.T) {
	for _, template := range []string{
		"{{ secret.nope() }}", "{{ secret + 1 }}", "{{ secret | int(1, 2, 3) }}", "{{ secret.split(1) }}",
		"{{ [secret] | sum }}", "{% for a, b in [secret] %}{% endfor %}", "{{ secret | truncate(secret) }}", "{{ '%d' % secret }}",
	} {
		_, err := jinja.Render("t", template, map[string]any{"secret": "hunter2"})
		require.Error(t, err, template)
		require.NotContains(t, err.Error(), "hunter2", template)
	}
}

func TestVariablesArePlainData(t *testing.T) {
	vars := map[string]any{"l": []any{1}, "m": map[string]any{}}
	rendered, err := jinja.Render("t", "{% set _ = l.append(2) %}{% set _ = m.update({'a': 1}) %}{{ l }}{{ m }}", vars)
	require.NoError(t, err)
	require.Equal(t, "[1, 2]{'a': 1}", rendered)
	require.Equal(t, map[string]any{"l": []any{1}, "m": map[string]any{}}, vars, "a template changes its own copy")

	_, err = jinja.Render("t", "{{ v }}", map[string]any{"v": struct{ A int }{1}})
	require.ErrorContains(t, err, "give it maps, lists, text, numbers and booleans")
}
