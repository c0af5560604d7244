package jsonpath_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/jsonpath"
)

func TestParse(t *testing.T) {
	namespaces := []any{
		map[string]any{"name": "a=b", "cluster": map[string]any{"name": "east"}, "size": 1, "site": map[string]any{"delete": true}},
		map[string]any{"name": "b", "cluster": map[string]any{"name": "west"}, "size": 2},
	}
	for _, tc := range []struct {
		name, path string
		want       []string
	}{
		{"equality is one sign", `namespace[?@.cluster.name="east"]`, []string{"a=b"}},
		{"or two", `namespace[?@.cluster.name=="east"]`, []string{"a=b"}},
		{"other comparisons stay", `namespace[?@.size>=2]`, []string{"b"}},
		{"difference stays", `namespace[?@.size!=2]`, []string{"a=b"}},
		{"conditions are joined by one sign", `namespace[?@.size=1 & @.cluster.name="east"]`, []string{"a=b"}},
		{"a sign within quotes is text", `namespace[?@.name="a=b"]`, []string{"a=b"}},
		{"what is there", `namespace[?@.site]`, []string{"a=b"}},
		{"truth", `namespace[?@.site.delete=true]`, []string{"a=b"}},
		{"an index", `namespace.[1]`, []string{"b"}},
		{"a quoted name", `'namespace'[0]`, []string{"a=b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			parsed, err := jsonpath.Parse(tc.path)
			require.NoError(t, err)
			var names []string
			for _, found := range parsed.Get(map[string]any{"namespace": namespaces}) {
				names = append(names, found.(map[string]any)["name"].(string))
			}
			require.Equal(t, tc.want, names)
		})
	}

	t.Run("what is no path is refused", func(t *testing.T) {
		_, err := jsonpath.Parse("namespace[?()GARBAGE]")
		require.Error(t, err)
	})
}
