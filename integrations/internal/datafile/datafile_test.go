package datafile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
)

func TestAListIsSetAndAllElseStays(t *testing.T) {
	list := []map[string]string{{"a": "1"}, {"b": "true"}}
	for _, tc := range []struct{ name, before, after string }{
		{"at the end", "---\nname: 'x' # y\n", "---\nname: 'x' # y\nlist:\n- a: \"1\"\n- b: \"true\"\n"},
		{"at the end without a last line break", "name: x", "name: x\nlist:\n- a: \"1\"\n- b: \"true\"\n"},
		{"in place of a list", "list:\n- a: 2 # old\n- c: 3\n\n# about the name\nname: x\n", "list:\n- a: \"1\"\n- b: \"true\"\n\n# about the name\nname: x\n"},
		{"in place of a list that is indented", "list:\n  - a: 2\nname: x\n", "list:\n  - a: \"1\"\n  - b: \"true\"\nname: x\n"},
		{"in place of a list on one line", "list: [2]\nname: x\n", "list:\n- a: \"1\"\n- b: \"true\"\nname: x\n"},
		{"in place of one in brackets on several lines", "list: [\n  2\n]\nname: x\n", "list:\n- a: \"1\"\n- b: \"true\"\nname: x\n"},
		{"in place of null", "name: x\nlist: ~\n# end\n", "name: x\nlist:\n- a: \"1\"\n- b: \"true\"\n# end\n"},
		{"in a mapping that is indented", "  name: x\n  list:\n  - 1\n", "  name: x\n  list:\n  - a: \"1\"\n  - b: \"true\"\n"},
		{"where it is already", "list: [{a: '1'}, {b: 'true'}] # so\n", "list: [{a: '1'}, {b: 'true'}] # so\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := datafile.SetList([]byte(tc.before), "list", list)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(got))
			again, err := datafile.SetList(got, "list", list)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(again), "once")
		})
	}
	got, err := datafile.SetList([]byte("list:\n- 1\n"), "list", []string{})
	require.NoError(t, err)
	require.Equal(t, "list: []\n", string(got), "an empty one")
}

func TestADatafileThatCannotBeEdited(t *testing.T) {
	for _, tc := range []struct{ name, before, says string }{
		{"no YAML", "a: [", "no mapping in YAML"},
		{"a list", "- a\n", "no mapping in YAML"},
		{"null", "null\n", "it is empty"},
		{"two documents", "a: 1\n---\nb: 1\n", "several documents"},
		{"a mapping in brackets", "{name: a, list: [1]}\n", "not known"},
		{"a list that others refer to", "list: &x [1]\nother: *x\n", "not known"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := datafile.SetList([]byte(tc.before), "list", []int{2})
			require.ErrorContains(t, err, tc.says)
		})
	}
}
