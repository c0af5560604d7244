package upgradewatcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKeysAndValuesAreTheReferences(t *testing.T) {
	upgrade := Event{Cluster: "prod-1", Version: "4.16.2", UpgradeAt: "2020-06-01T00:00:00Z"}
	version := Event{Cluster: "prod-1", Version: "4.16.2"}
	require.Equal(t, "prod-1-2020-06-01T00:00:00Z1", upgrade.Key())
	require.Nil(t, upgrade.value())
	require.Equal(t, "prod-1-4.16.2", version.Key())
	require.Equal(t, "4.16.2", version.value())
}

func TestBegun(t *testing.T) {
	now := time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, at string
		begun    bool
		fault    string
	}{
		{"an hour ago", "2020-05-31T23:00:00Z", true, ""},
		{"right now", "2020-06-01T00:00:00Z", false, ""},
		{"in an hour", "2020-06-01T01:00:00Z", false, ""},
		{"an hour ago, elsewhere", "2020-06-01T01:00:00+02:00", true, ""},
		{"never", "soon", false, `cluster prod-1: its upgrade to 4.16.2 begins at "soon"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			begun, err := Event{Cluster: "prod-1", Version: "4.16.2", UpgradeAt: tc.at}.begun(now)
			require.Equal(t, tc.begun, begun)
			if tc.fault != "" {
				require.ErrorContains(t, err, tc.fault)
				return
			}
			require.NoError(t, err)
		})
	}
}
