package datafile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
)

func TestEntriesAreAddedAndRemovedAndAllElseStays(t *testing.T) {
	type entry struct {
		Name string   `yaml:"name"`
		Tags []string `yaml:"tags,omitempty"`
	}
	named := func(name string) func(any) bool {
		return func(e any) bool {
			fields, _ := e.(map[string]any)
			return fields["name"] == name
		}
	}
	for _, tc := range []struct {
		name, before, drop string
		add                []any
		after              string
	}{
		{"added at the end", "list:\n- name: 'a' # x\n  tags:\n  - t\n\n# about y\ny: 1\n", "", []any{entry{"b", []string{"t"}}},
			"list:\n- name: 'a' # x\n  tags:\n  - t\n- name: b\n  tags:\n    - t\n\n# about y\ny: 1\n"},
		{"added in a list that is indented", "list:\n  - name: a\ny: 1", "", []any{entry{Name: "b"}}, "list:\n  - name: a\n  - name: b\ny: 1\n"},
		{"added at the end of the file", "y: 1\nlist:\n- name: a", "", []any{entry{Name: "b"}}, "y: 1\nlist:\n- name: a\n- name: b\n"},
		{"removed at the begin", "list:\n# one\n- name: a\n  tags: [t]\n# two\n- {name: b}\n", "a", nil, "list:\n# one\n# two\n- {name: b}\n"},
		{"removed at the end", "list:\n- name: b\n- name: a\n\ny: 1\n", "a", nil, "list:\n- name: b\n\ny: 1\n"},
		{"removed and added", "list:\n- name: a\n- name: c\n", "a", []any{entry{Name: "b"}}, "list:\n- name: c\n- name: b\n"},
		{"the last one removed", "list:\n- name: a\ny: 1\n", "a", nil, "list: []\ny: 1\n"},
		{"the last one replaced", "list:\n- name: a\ny: 1\n", "a", []any{entry{Name: "b"}}, "list:\n- name: b\ny: 1\n"},
		{"in brackets", "list: [{name: a}]\n", "", []any{entry{Name: "b"}}, "list:\n- name: a\n- name: b\n"},
		{"where there is none", "y: 1\n", "", []any{entry{Name: "b"}}, "y: 1\nlist:\n- name: b\n"},
		{"nothing to do", "list: [{name: a}] # so\n", "b", nil, "list: [{name: a}] # so\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := datafile.EditList([]byte(tc.before), "list", tc.add, named(tc.drop))
			require.NoError(t, err)
			require.Equal(t, tc.after, string(got))
		})
	}
}

func TestListsThatCannotBeEdited(t *testing.T) {
	for _, tc := range []struct{ name, before, says string }{
		{"no YAML", "a: [", "no mapping in YAML"},
		{"a text", "list: a\n", "its list are no list"},
		{"an entry that others refer to", "list:\n- &x {name: a}\n- {name: b}\nother: *x\n", "not known"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := datafile.EditList([]byte(tc.before), "list", []any{1}, func(e any) bool { return e.(map[string]any)["name"] == "a" })
			require.ErrorContains(t, err, tc.says)
		})
	}
}
