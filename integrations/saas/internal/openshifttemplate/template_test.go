package openshifttemplate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/openshifttemplate"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var made map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &made))
	return made
}

// process makes the objects of a template whose fields besides kind and version are the text.
func process(t *testing.T, text string, values map[string]string) (string, error) {
	t.Helper()
	whole := object(t, text)
	whole["apiVersion"], whole["kind"] = "template.openshift.io/v1", "Template"
	template, err := openshifttemplate.Parse(whole)
	if err != nil {
		return "", err
	}
	made, err := template.Process(values, bytes.NewReader(bytes.Repeat([]byte{255, 0, 1, 2, 61}, 300)))
	if err != nil {
		return "", err
	}
	out, err := json.Marshal(made)
	require.NoError(t, err)
	return string(out), nil
}

func TestATemplateIsProcessedAsOpenShiftDoes(t *testing.T) {
	for _, tc := range []struct {
		name, template string
		values         map[string]string
		objects        string
	}{
		{
			"a template without objects makes none", `{}`, nil, `[]`,
		},
		{
			"references in texts, several in one, and in names",
			`{parameters: [{name: A}, {name: B_2}], objects: [{kind: X, spec: {"${A}-key": "x-${A}/${B_2}:${A}", list: ["${A}", 1, true, null]}}]}`,
			map[string]string{"A": "a", "B_2": "b"}, `[{"kind":"X","spec":{"a-key":"x-a/b:a","list":["a",1,true,null]}}]`,
		},
		{
			"what is passed wins over what is declared, also where it is empty",
			`{parameters: [{name: A, value: declared}, {name: B, value: declared}, {name: C, value: declared}], objects: [{kind: X, v: "${A},${B},${C}"}]}`,
			map[string]string{"A": "passed", "B": ""}, `[{"kind":"X","v":"passed,,declared"}]`,
		},
		{
			"parameters that are not declared are not replaced, and what is passed for them is unused",
			`{objects: [{kind: X, v: "${A} ${{A}}", w: "${{A}}"}]}`,
			map[string]string{"A": "passed"}, `[{"kind":"X","v":"${A} ${{A}}","w":"${{A}}"}]`,
		},
		{
			"a declared parameter without a value is empty",
			`{parameters: [{name: A}], objects: [{kind: X, v: "<${A}>", w: "${{A}}"}]}`, nil, `[{"kind":"X","v":"\u003c\u003e","w":""}]`,
		},
		{
			"double braces leave the quotes out, where they stand alone",
			`{parameters: [{name: "N", value: "3"}, {name: B, value: "true"}, {name: T, value: text}, {name: O, value: '{"a": [1.5, 9007199254740993]}'}, {name: V, value: 1.2.3}, {name: Z, value: "null"}],
			  objects: [{kind: X, i: 1.0, "n": "${{N}}", b: "${{B}}", t: "${{T}}", o: "${{O}}", v: "${{V}}", z: "${{Z}}", s: "${N}", inner: "a${{N}}"}]}`,
			nil, `[{"b":true,"i":1,"inner":"a${{N}}","kind":"X","n":3,"o":{"a":[1.5,9007199254740993]},"s":"3","t":"text","v":"1.2.3","z":null}]`,
		},
		{
			"a value with a reference takes the place of the next one",
			`{parameters: [{name: A, value: "${B}"}, {name: B, value: b}], objects: [{kind: X, v: "${A}-${B}"}]}`, nil, `[{"kind":"X","v":"b-${B}"}]`,
		},
		{
			"of a parameter that is declared twice the last one counts",
			`{parameters: [{name: A, value: one}, {name: A, value: two}], objects: [{kind: X, v: "${A}"}]}`, map[string]string{"A": "passed"}, `[{"kind":"X","v":"two"}]`,
		},
		{
			"a namespace goes unless a parameter names it",
			`{parameters: [{name: NS, value: ns}], objects: [{kind: X, metadata: {name: a, namespace: fixed}}, {kind: X, metadata: {name: b, namespace: "${NS}"}}, {kind: X, metadata: {name: c, namespace: "${{NS}}"}}]}`,
			nil, `[{"kind":"X","metadata":{"name":"a"}},{"kind":"X","metadata":{"name":"b","namespace":"ns"}},{"kind":"X","metadata":{"name":"c"}}]`,
		},
		{
			"the template's labels go on each object",
			`{labels: {app: "${A}", "${A}-of": x}, parameters: [{name: A, value: shop}], objects: [{kind: X, metadata: {labels: {app: other, own: o}}}, {kind: V, metadata: {}}, {kind: Z}]}`,
			nil, `[{"kind":"X","metadata":{"labels":{"app":"shop","own":"o","shop-of":"x"}}},{"kind":"V","metadata":{"labels":{"app":"shop","shop-of":"x"}}},{"kind":"Z"}]`,
		},
		{
			"objects of the first API get their group",
			`{objects: [{apiVersion: v1, kind: Route}, {apiVersion: v1, kind: DeploymentConfig}, {apiVersion: v1, kind: Service}, {apiVersion: apps/v1, kind: Deployment}]}`,
			nil, `[{"apiVersion":"route.openshift.io/v1","kind":"Route"},{"apiVersion":"apps.openshift.io/v1","kind":"DeploymentConfig"},{"apiVersion":"v1","kind":"Service"},{"apiVersion":"apps/v1","kind":"Deployment"}]`,
		},
		{
			"values are generated where there is none",
			`{parameters: [{name: A, generate: expression, from: "user-[a-c]{3}-[A-Z0-9]{2}"}, {name: B, generate: expression, from: "[\\d]{2}", required: true}, {name: C, generate: expression, from: "[x]{9}"}, {name: D, generate: expression, from: plain},
			  {name: E, generate: expression, from: "[x]{9}", value: set}], objects: [{kind: X, v: "${A} ${B} <${C}> ${D} ${E}"}]}`,
			map[string]string{"C": ""}, `[{"kind":"X","v":"user-abc-ZA 12 \u003c\u003e plain set"}]`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			objects, err := process(t, tc.template, tc.values)
			require.NoError(t, err)
			require.JSONEq(t, tc.objects, objects)
		})
	}
}

func TestATemplateThatCannotBeProcessedSaysWhy(t *testing.T) {
	for _, tc := range []struct {
		name, template string
		says           []string
	}{
		{"a required parameter without a value, and another one", `{parameters: [{name: A, required: true}, {name: B, required: true}]}`, []string{"parameter A of the template is required", "parameter B"}},
		{"a default that is no text", `{parameters: [{name: A, value: 5}]}`, []string{"parameters[0] of the template: value is no text: put it in quotes"}},
		{"a parameter that is no object", `{parameters: [A]}`, []string{"parameters[0] of the template: it is no object"}},
		{"required that is a text", `{parameters: [{name: A, required: "yes"}]}`, []string{"required of A is neither true nor false"}},
		{"parameters that are no list", `{parameters: {A: b}}`, []string{"the template's parameters are no list"}},
		{"objects that are no list", `{objects: {kind: X}}`, []string{"the template's objects are no list"}},
		{"an object without a kind, and one that is a text", `{objects: [{apiVersion: v1}, text]}`, []string{"objects[0] of the template has no kind", "objects[1]"}},
		{"labels that are a list", `{labels: [a]}`, []string{"labels are no names with values"}},
		{"a label that is a number", `{labels: {a: 1}}`, []string{"a is no text"}},
		{"an object's labels that are a list", `{labels: {a: b}, objects: [{kind: X, metadata: {labels: [a]}}]}`, []string{"objects[0] of the template: its metadata.labels"}},
		{"two names that become one", `{parameters: [{name: A, value: x}], objects: [{kind: X, "${A}": 1, x: 2}]}`, []string{"objects[0] of the template", "rename one"}},
		{"an unknown generator", `{parameters: [{name: A, generate: dice}]}`, []string{`parameter A of the template: there is no generator "dice"`}},
		{"a range from back to front", `{parameters: [{name: A, generate: expression, from: "[z-a]{3}"}]}`, []string{"[z-a] has the range z-a"}},
		{"an unknown class", `{parameters: [{name: A, generate: expression, from: "[\\x]{3}"}]}`, []string{`has the class \x`}},
		{"too many characters", `{parameters: [{name: A, generate: expression, from: "[a-z]{256}"}]}`, []string{"write a number from 1 to 255"}},
		{"no characters", `{parameters: [{name: A, generate: expression, from: "[a-z]{0}"}]}`, []string{"write a number from 1 to 255"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := process(t, tc.template, nil)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			for _, part := range tc.says {
				require.ErrorContains(t, err, part)
			}
		})
	}
	for _, text := range []string{`{kind: Deployment, apiVersion: apps/v1}`, `{kind: Template, apiVersion: v2}`, `{}`} {
		_, err := openshifttemplate.Parse(object(t, text))
		require.True(t, apierr.Is(err, apierr.Invalid), "%s: %v", text, err)
	}
}

func TestTheClassesOfExpressions(t *testing.T) {
	for from, want := range map[string]string{
		`[\w]{200}`: `^[A-Za-z0-9_]{200}$`, `[\a]{200}`: `^[A-Za-z0-9]{200}$`, `[\A]{200}`: "^[^A-Za-z0-9 ]{200}$",
		`[a-zA-Z]{200}`: `^[a-zA-Z]{200}$`, `[ab0-3]{200}`: `^[ab0-3]{200}$`, `p\[a]`: `^p\\\[a\]$`,
	} {
		template, err := openshifttemplate.Parse(map[string]any{
			"apiVersion": "v1", "kind": "Template",
			"parameters": []any{map[string]any{"name": "A", "generate": "expression", "from": from}},
			"objects":    []any{map[string]any{"kind": "X", "v": "${A}"}},
		})
		require.NoError(t, err)
		drawn := make([]byte, 4000)
		for i := range drawn {
			drawn[i] = byte(i * 7)
		}
		made, err := template.Process(nil, bytes.NewReader(drawn))
		require.NoError(t, err)
		require.Regexp(t, want, made[0]["v"], from)
	}
}

func TestATemplateServesManyTargets(t *testing.T) {
	template, err := openshifttemplate.Parse(object(t, `{apiVersion: v1, kind: Template, labels: {a: b}, parameters: [{name: A, generate: expression, from: "[a]{1}"}],
		objects: [{apiVersion: v1, kind: Route, metadata: {namespace: n}, spec: {list: ["${A}"]}}]}`))
	require.NoError(t, err)
	require.True(t, template.Declares("A"))
	require.False(t, template.Declares("B"))
	for _, value := range []string{"one", "two"} {
		made, err := template.Process(map[string]string{"A": value}, nil)
		require.NoError(t, err)
		require.Equal(t, []any{value}, made[0]["spec"].(map[string]any)["list"])
		made[0]["spec"].(map[string]any)["list"].([]any)[0] = "changed"
	}
	_, err = template.Process(nil, iotest.ErrReader(errors.New("no entropy")))
	require.ErrorContains(t, err, "parameter A of the template: draw a value: no entropy")
}
