package resourcetemplatetester

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
)

// same compares values, numbers by what they are and not by how they are written.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for key, value := range a {
			if there, found := other[key]; !found || !same(value, there) {
				return false
			}
		}
		return true
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i, value := range a {
			if !same(value, other[i]) {
				return false
			}
		}
		return true
	case json.Number:
		other, ok := b.(json.Number)
		if !ok {
			return false
		}
		x, errX := a.Float64()
		y, errY := other.Float64()
		return a == other || errX == nil && errY == nil && x == y
	}
	return reflect.DeepEqual(a, b)
}

// difference shows how an object differs from the expected one, unless a secret may be in it.
func difference(expected map[string]any, body namespaced.Body) string {
	if body.Secret {
		return "The difference is not shown, because it may hold secrets: give the test's variables _template_mocks."
	}
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: lines(expected), B: lines(body.Object), FromFile: "expected", ToFile: "rendered", Context: 3,
	})
	if err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(text, "\n")
}

func lines(object map[string]any) []string {
	text, err := yaml.Marshal(object)
	if err != nil {
		return []string{err.Error()}
	}
	return difflib.SplitLines(string(text))
}
