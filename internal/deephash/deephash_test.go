package deephash_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/deephash"
)

func sum(t *testing.T, text string, shape *deephash.Shape) string {
	t.Helper()
	value, err := deephash.Decode([]byte(text))
	require.NoError(t, err)
	return deephash.Value(value, shape).String()
}

func TestTwoValuesHaveOneHashOnlyIfTheyAreTheSame(t *testing.T) {
	set := &deephash.Shape{Unordered: true, Fields: map[string]*deephash.Shape{"users": {Unordered: true}}}
	for _, tc := range []struct {
		name     string
		one, two string
		shape    *deephash.Shape
		same     bool
	}{
		{"the order of keys does not count", `{"a": 1, "b": [2]}`, `{"b": [2], "a": 1}`, nil, true},
		{"the order of a list counts", `[1, 2]`, `[2, 1]`, nil, false},
		{"the order of a list without order does not", `[1, 2]`, `[2, 1]`, set, true},
		{"how often an element stands in it does", `[1, 2, 2]`, `[1, 1, 2]`, set, false},
		{"an element in a list without order may have such lists", `[{"users": [1, 2]}]`, `[{"users": [2, 1]}]`, set, true},
		{"and others", `[{"scopes": [1, 2]}]`, `[{"scopes": [2, 1]}]`, set, false},
		{"a list in a list without order has one", `[[1, 2]]`, `[[2, 1]]`, set, false},
		{"null is not absent", `{"a": null}`, `{}`, nil, false},
		{"null is not false", `null`, `false`, nil, false},
		{"true is not false", `true`, `false`, nil, false},
		{"a number is not its text", `1`, `"1"`, nil, false},
		{"a whole number is not a fraction", `1`, `1.0`, nil, false},
		{"large numbers keep their digits", `9007199254740993`, `9007199254740992`, nil, false},
		{"an empty list is not an empty object", `[]`, `{}`, nil, false},
		{"an empty list is not null", `[]`, `null`, set, false},
		{"a list is not its only element", `["a"]`, `"a"`, nil, false},
		{"nesting counts", `[[1], 2]`, `[1, [2]]`, nil, false},
		{"texts do not run into each other", `["ab", "c"]`, `["a", "bc"]`, nil, false},
		{"a key is not a value", `{"a": "b"}`, `{"b": "a"}`, nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.same, sum(t, tc.one, tc.shape) == sum(t, tc.two, tc.shape))
			require.Len(t, sum(t, tc.one, tc.shape), 64)
		})
	}
}

func TestAHashSurvivesReleases(t *testing.T) {
	// Stored digests of runs are compared with new ones.
	got, err := deephash.Of(map[string]any{"accounts": []string{"prod", "stage"}, "n": 1.5, "none": nil, "yes": true})
	require.NoError(t, err)
	require.Equal(t, "f8abc4a5c719ced0cdeae85ffe83fd3875f4119d8bf6bb8933c835c3b1fc119b", got.String())
}

func TestWhatIsNotJSONHasNoHash(t *testing.T) {
	_, err := deephash.Of(func() {})
	require.ErrorContains(t, err, "unsupported type")
	_, err = deephash.Decode([]byte(`{} {}`))
	require.ErrorContains(t, err, "more than one JSON value")
	_, err = deephash.Decode([]byte(`{`))
	require.Error(t, err)
}
