package jinja_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// outside are the beginnings of the ids of vectors that need functions which look outside.
var outside = []string{"jj-yesterday", "jj-vault", "jj-x-vault"}

func TestTemplatesAreRenderedAsTheReferenceDoes(t *testing.T) {
	left, checked := 0, 0
	vectors.Each(t, "jinja", map[string]string{
		"jj-mock-two-last-wins":                "each mocked function returns its own value",
		"jj-own-json-pointers-two-digit-index": "pointers are those of RFC 6901 for indices of any length",
		"jj-own-json-pointers-root":            "the pointer to the whole document is that of RFC 6901",
	}, func(t require.TestingT, v vectors.Vector) {
		if slices.ContainsFunc(outside, func(beginning string) bool { return strings.HasPrefix(v.ID, beginning) }) {
			left++
			return
		}
		checked++
		var input struct {
			Type, Template string
			Variables      json.RawMessage
			Mocks          json.RawMessage `json:"template_mocks"`
			RenderOptions  struct {
				TrimBlocks          bool `json:"trim_blocks"`
				LstripBlocks        bool `json:"lstrip_blocks"`
				KeepTrailingNewline bool `json:"keep_trailing_newline"`
			} `json:"render_options"`
		}
		require.NoError(t, vectors.Decode(v.Input, &input))
		variables, err := jinja.DecodeJSON(string(input.Variables))
		require.NoError(t, err)
		template := jinja.Template{
			Name: v.ID, Text: input.Template, Options: jinja.Options(input.RenderOptions),
			ExtraCurly: input.Type == "extracurlyjinja2", Variables: map[string]any{},
			Functions: map[string]jinja.Function{"url": func(jinja.Call) (any, error) { return nil, nil }},
		}
		for _, variable := range variables.(jinja.Object) {
			template.Variables[variable.Key.(string)] = variable.Value
		}
		if string(input.Mocks) != "{}" {
			template.Variables[jinja.MocksVariable], err = jinja.DecodeJSON(string(input.Mocks))
			require.NoError(t, err)
		}
		rendered, err := template.Render()
		if v.Fails() {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		var output struct{ Text string }
		require.NoError(t, json.Unmarshal(v.Output, &output))
		require.Equal(t, output.Text, rendered)
	})
	require.Equal(t, 105, checked, "vectors that look nowhere")
	require.Equal(t, 6, left, "vectors that look outside")
}
