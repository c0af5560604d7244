package pyjson_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

func TestText(t *testing.T) {
	for _, tc := range []struct {
		name, given string
		form        pyjson.Form
		want        string
	}{
		{"objects keep their order", `{"b":1,"a":[true,null]}`, pyjson.Default(), `{"b": 1, "a": [true, null]}`},
		{"or are sorted at every level", `{"b":{"d":1,"c":2},"a":3}`, pyjson.Sorted(), `{"a": 3, "b": {"c": 2, "d": 1}}`},
		{"or stand without spaces", `{"b" : 1, "a" : [1, 2]}`, pyjson.Compact(), `{"b":1,"a":[1,2]}`},
		{"a key that comes twice has its last value in its first place", `{"a":1,"b":2,"a":3}`, pyjson.Default(), `{"a": 3, "b": 2}`},
		{"numbers are Python's", `[1.50,1e5,1E-7,-0,-0.0,1e16,12345678901234567890]`, pyjson.Default(), `[1.5, 100000.0, 1e-07, 0, -0.0, 1e+16, 12345678901234567890]`},
		{"text is ASCII, without escapes for HTML", "[\"é😀<&>/\\u007f\\n\\\"\"]", pyjson.Default(), `["\u00e9\ud83d\ude00<&>/\u007f\n\""]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value, err := pyjson.Decode([]byte(tc.given))
			require.NoError(t, err)
			require.Equal(t, tc.want, tc.form.Text(value))
		})
	}

	t.Run("a map is sorted", func(t *testing.T) {
		require.Equal(t, `{"a": "x", "b": false}`, pyjson.Default().Text(map[string]any{"b": false, "a": "x"})) //nolint:testifylint // every character counts.
	})
	t.Run("values of other types are written too", func(t *testing.T) {
		value := map[string]any{"count": 3, "big": int64(1) << 60, "names": []string{"<a>"}, "none": func() {}}
		require.Equal(t, `{"big": 1152921504606846976, "count": 3, "names": ["<a>"], "none": null}`, pyjson.Default().Text(value)) //nolint:testifylint // every character counts.
	})
	for _, broken := range []string{``, `{`, `{"a"`, `[1`, `{} {}`, `1e999`, `nope`} {
		t.Run("no JSON: "+broken, func(t *testing.T) {
			_, err := pyjson.Decode([]byte(broken))
			require.Error(t, err)
		})
	}
}
