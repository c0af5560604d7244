package supportcasessos

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestAKeyIsAddedAndAllElseStays(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{"without a list", "name: a\n", "name: a\ndeleteKeys:\n- AKIA1\n"},
		{"without a list and a last line break", "name: 'a' # x", "name: 'a' # x\ndeleteKeys:\n- AKIA1\n"},
		{"after a block of text", "a: |\n  text\n\n", "a: |\n  text\n\ndeleteKeys:\n- AKIA1\n"},
		{"in a mapping that is indented", "---\n  name: a\n", "---\n  name: a\n  deleteKeys:\n  - AKIA1\n"},
		{"at the end of a list", "deleteKeys:\n- A\n- B # left\n\n# c\nname: a\n", "deleteKeys:\n- A\n- B # left\n- AKIA1\n\n# c\nname: a\n"},
		{"at the end of a list that is indented", "deleteKeys:\n    - A\nname: a\n", "deleteKeys:\n    - A\n    - AKIA1\nname: a\n"},
		{"at the end of a file that is a list's", "deleteKeys:\n- A", "deleteKeys:\n- A\n- AKIA1\n"},
		{"in an empty list", "deleteKeys: [] # none\nname: a\n", "deleteKeys: [AKIA1] # none\nname: a\n"},
		{"in a list on one line", "deleteKeys: [A, B]\nname: [a]\n", "deleteKeys: [A, B, AKIA1]\nname: [a]\n"},
		{"in a list in brackets on several lines", "deleteKeys: [\n  A\n]\n", "deleteKeys: [\n  A\n, AKIA1]\n"},
		{"in place of nothing", "deleteKeys: # none\nname: a\n", "deleteKeys: # none\n- AKIA1\nname: a\n"},
		{"in place of null", "deleteKeys: null # none\nname: a\n", "deleteKeys: [AKIA1] # none\nname: a\n"},
		{"in place of a tilde", "deleteKeys: ~\n", "deleteKeys: [AKIA1]\n"},
		{"with the line breaks of Windows", "deleteKeys:\r\n- A\r\nname: a\r\n", "deleteKeys:\r\n- A\r\n- AKIA1\nname: a\r\n"},
		{"that is there already", "deleteKeys: ['AKIA1']\n", "deleteKeys: ['AKIA1']\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := addKey("data/a.yml", []byte(tc.before), "AKIA1")
			require.NoError(t, err)
			require.Equal(t, tc.after, string(got))
			again, err := addKey("data/a.yml", got, "AKIA1")
			require.NoError(t, err)
			require.Equal(t, tc.after, string(again), "once")
		})
	}
}

func TestADatafileThatCannotBeEdited(t *testing.T) {
	for _, tc := range []struct{ name, before, says string }{
		{"no YAML", "a: [", "no mapping in YAML"},
		{"a list", "- a\n", "no mapping in YAML"},
		{"nothing", "", "no mapping in YAML"},
		{"null", "null\n", "it is empty"},
		{"a comment alone", "# nothing\n", "no mapping in YAML"},
		{"two documents", "a: 1\n---\nb: 1\n", "several documents"},
		{"a text in place of the list", "deleteKeys: AKIA2\n", "deleteKeys is no list"},
		{"a mapping in brackets", "{name: a}\n", "not known"},
		{"an end of the document", "name: a\n...\n", "not known"},
		{"a list that is an alias", "other: &x [A]\ndeleteKeys: *x\n", "not known"},
		{"a comma at the end of the list", "deleteKeys: [A,]\n", "not known"},
		{"a last key on two lines", "deleteKeys:\n- \"A\n  B\"\nname: a\n", "not known"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := addKey("data/a.yml", []byte(tc.before), "AKIA1")
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, "data/a.yml: access key AKIA1 cannot be added to its deleteKeys: ")
			require.ErrorContains(t, err, tc.says)
			require.ErrorContains(t, err, "add it by hand")
		})
	}
}
