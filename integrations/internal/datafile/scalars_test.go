package datafile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
)

func scalars() []datafile.Scalar {
	return []datafile.Scalar{
		{Path: []string{"spec", "id"}, Value: "abc"}, {Path: []string{"spec", "off"}, Value: true},
		{Path: []string{"spec", "version"}, Value: "4.10"}, {Path: []string{"url"}, Value: "https://a:1"},
	}
}

func TestFieldsAreSetAndAllElseStays(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{
			"that are not there", "---\n# first\nspec:\n    product:   osd  # bought\n\n# about the name\nname: x\n",
			"---\n# first\nspec:\n    product:   osd  # bought\n    id: abc\n    off: true\n    version: \"4.10\"\n\n# about the name\nname: x\nurl: https://a:1\n",
		},
		{
			"that have other values", "spec:\n  version: 4.9.1 # runs\n  id: ''\n  off: false\nurl: \"\"\n",
			"spec:\n  version: \"4.10\" # runs\n  id: abc\n  off: true\nurl: https://a:1\n",
		},
		{
			"that are empty, at the end without a line break", "url:\nspec:\n  id: # later\n  off: true\n  version: '4.10'",
			"url: https://a:1\nspec:\n  id: abc # later\n  off: true\n  version: '4.10'\n",
		},
		{
			"in a mapping whose last field has more lines", "spec:\n  pools:\n  - a\n  - b: |\n      c\nurl: https://a:1\n",
			"spec:\n  pools:\n  - a\n  - b: |\n      c\n  id: abc\n  off: true\n  version: \"4.10\"\nurl: https://a:1\n",
		},
		{"that are all in", "url: 'https://a:1'\nspec: {id: abc, off: true, version: '4.10'}", "url: 'https://a:1'\nspec: {id: abc, off: true, version: '4.10'}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := datafile.SetScalars([]byte(tc.before), scalars()...)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(got))
			again, err := datafile.SetScalars(got, scalars()...)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(again))
		})
	}
}

func TestFieldsThatCannotBeSet(t *testing.T) {
	for name, before := range map[string]string{
		"no mapping to be in":       "name: x\n",
		"a mapping in brackets":     "spec: {a: b}\n",
		"a list in its place":       "spec:\n  id:\n  - a\n",
		"a text of several lines":   "spec:\n  id: |\n    a\n",
		"a text that others repeat": "spec:\n  id: &id a\nother: *id\n",
		"two documents":             "spec:\n  id: a\n---\nspec: {}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := datafile.SetScalars([]byte(before), scalars()...)
			require.Error(t, err)
		})
	}
}
