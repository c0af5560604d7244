package mergerequest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

func TestParse(t *testing.T) {
	kind := mergerequest.Kind{Label: "L", Separator: "---DATA---", Fields: []string{"integration", "my-version", "hash"}, VersionField: "my-version", Version: "1.0.0"}
	const good = "* integration: epd\n* my-version: 1.0.0\n* hash: abc\n"
	for _, tc := range []struct {
		name, description string
		want              map[string]string
		says              string
	}{
		{"as it was written", "Text.\n\n---DATA---\n\n" + good, map[string]string{"integration": "epd", "hash": "abc"}, ""},
		{"in any order", "---DATA---\n* hash: abc\n* my-version: 1.0.0\n* integration: epd", map[string]string{"integration": "epd", "hash": "abc"}, ""},
		{"data before the separator do not count", "hash: no\n---DATA---\n" + good, map[string]string{"integration": "epd", "hash": "abc"}, ""},
		{"the first line with a name counts", "---DATA---\n" + good + "* hash: later\n", map[string]string{"integration": "epd", "hash": "abc"}, ""},
		{"a longer name that ends so counts too", "---DATA---\n* result_hash: r\n" + good, map[string]string{"integration": "epd", "hash": "r"}, ""},
		{"the last mention in a line counts", "---DATA---\n* hash: a hash: b\n" + good, map[string]string{"integration": "epd", "hash": "b"}, ""},
		{"an empty value is one", "---DATA---\n* integration: \n* my-version: 1.0.0\n* hash: abc", map[string]string{"integration": "", "hash": "abc"}, ""},
		{"a carriage return belongs to the value", "---DATA---\n* integration: epd\r\n* my-version: 1.0.0\n* hash: abc", map[string]string{"integration": "epd\r", "hash": "abc"}, ""},
		{"no separator", good, nil, "has not the form"},
		{"two separators", "---DATA---\n" + good + "---DATA---\n", nil, "has not the form"},
		{"nothing", "", nil, "has not the form"},
		{"a field is missing", "---DATA---\n* my-version: 1.0.0\n* hash: abc", nil, "it says nothing of integration"},
		{"no version", "---DATA---\n* integration: epd\n* hash: abc", nil, "it says nothing of my-version"},
		{"another version", "---DATA---\n" + strings.Replace(good, "1.0.0", "2.0.0", 1), nil, "another version"},
		{"another version counts before a missing field", "---DATA---\n* my-version: 2.0.0", nil, "another version"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := kind.Parse(tc.description)
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	_, err := mergerequest.Kind{Label: "L"}.Parse(good)
	require.Error(t, err, "a kind without data")
}
