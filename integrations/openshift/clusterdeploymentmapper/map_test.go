package clusterdeploymentmapper

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMapIsWrittenAndReadAsTheReferenceDoes(t *testing.T) {
	m := Map{Entries: []Entry{{"id-1", "hive-1"}, {"id-2", "hive-2"}}}
	require.Equal(t, "id-1: hive-1\nid-2: hive-2", m.text())
	require.Equal(t, m.Entries, parse(m.text()))
	require.Equal(t, m.Entries, parse(m.text()+"\nno entry\n"))
	require.Empty(t, Map{}.text())
}

func TestWhatDiffersBetweenMaps(t *testing.T) {
	both := Map{Entries: []Entry{{"id-1", "hive-1"}, {"id-2", "hive-2"}}}
	for name, tc := range map[string]struct {
		current []Entry
		equal   bool
		why     string
	}{
		"another order is the same":         {[]Entry{{"id-2", "hive-2"}, {"id-1", "hive-1"}}, true, "0 more, 0 gone"},
		"a line is missing":                 {[]Entry{{"id-1", "hive-1"}}, false, "1 more, 0 gone"},
		"a cluster has moved":               {[]Entry{{"id-1", "hive-2"}, {"id-2", "hive-2"}}, false, "1 more, 1 gone"},
		"a line is there that nobody wants": {[]Entry{{"id-1", "hive-1"}, {"id-2", "hive-2"}, {"id-3", "hive-1"}}, false, "0 more, 1 gone"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.equal, both.Equal(Map{Entries: tc.current}))
			require.Equal(t, tc.why, both.Explain(Map{Entries: tc.current}))
		})
	}
}
