package upgrades_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

func TestRemainingSoakDays(t *testing.T) {
	candidates := blocks(`^.*-rc\..*$`)
	upgrade := func(version, state string, at time.Time) *upgrades.Policy {
		p := policy("a", version, at)
		p.State = state
		return &p
	}
	tests := map[string]struct {
		spec    upgrades.Spec
		soaked  map[string]float64
		upgrade *upgrades.Policy
		want    map[string]float64
	}{
		"a ready version hides older ready ones": {spec: cluster("a", runs("4.13.0", "4.13.10", "4.13.11")), want: map[string]float64{"4.13.11": 0}},
		"a ready version hides older ones that soak": {spec: cluster("a", runs("4.13.0", "4.13.10", "4.13.11"), soak(2)),
			soaked: map[string]float64{"4.13.10": 1.8, "4.13.11": 2}, want: map[string]float64{"4.13.11": 0}},
		"a ready version hides all older ones": {spec: cluster("a", runs("4.13.0", "4.13.9", "4.13.10", "4.13.11"), soak(2)),
			soaked: map[string]float64{"4.13.9": 2, "4.13.10": 1.8, "4.13.11": 2}, want: map[string]float64{"4.13.11": 0}},
		"a blocked version is shown": {spec: cluster("a", runs("4.13.0", "4.14.0-rc.1", "4.14.0"), candidates), want: map[string]float64{"4.14.0-rc.1": upgrades.VersionBlocked, "4.14.0": 0}},
		"a blocked version hides nothing, and is hidden by nothing": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0-rc.1", "4.14.0"), candidates),
			want: map[string]float64{"4.14.0-rc.1": upgrades.VersionBlocked, "4.14.0": 0}},
		"an upgrade to a blocked version is shown": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0-rc.1", "4.14.0"), candidates),
			upgrade: upgrade("4.14.0-rc.1", upgrades.Scheduled, now), want: map[string]float64{"4.14.0-rc.1": upgrades.UpgradeScheduled, "4.14.0": 0}},
		"an upgrade that has begun": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0")), upgrade: upgrade("4.13.11", upgrades.Started, now),
			want: map[string]float64{"4.13.11": upgrades.UpgradeStarted, "4.14.0": 0}},
		"an upgrade that is delayed": {spec: cluster("a", runs("4.13.0", "4.13.11")), upgrade: upgrade("4.13.11", upgrades.Delayed, now), want: map[string]float64{"4.13.11": upgrades.UpgradeStarted}},
		"an upgrade that is scheduled": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0")), upgrade: upgrade("4.13.11", upgrades.Scheduled, now),
			want: map[string]float64{"4.13.11": upgrades.UpgradeScheduled, "4.14.0": 0}},
		"a scheduled upgrade hides older versions": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0")), upgrade: upgrade("4.14.0", upgrades.Scheduled, now), want: map[string]float64{"4.14.0": upgrades.UpgradeScheduled}},
		"an upgrade hides older versions":          {spec: cluster("a", runs("4.13.0", "4.13.11", "4.14.0")), upgrade: upgrade("4.14.0", upgrades.Started, now), want: map[string]float64{"4.14.0": upgrades.UpgradeStarted}},
		"an upgrade that runs for long": {spec: cluster("a", runs("4.13.0", "4.13.11")), upgrade: upgrade("4.13.11", upgrades.Started, now.Add(-7*time.Hour)),
			want: map[string]float64{"4.13.11": upgrades.UpgradeLongRunning}},
		"each version that says something": {spec: cluster("a", runs("4.13.0", "4.13.11", "4.13.12", "4.14.1"), soak(2), blocks(`^4\.14\..*$`)),
			soaked: map[string]float64{"4.13.11": 2}, want: map[string]float64{"4.13.11": 0, "4.13.12": 2, "4.14.1": upgrades.VersionBlocked}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fleet(t, upgrades.Organization{}, test.spec)
			require.Equal(t, test.want, f.Remaining(test.spec, test.soaked, test.upgrade, now))
		})
	}
}

func TestAVersionHasSoakedAsLongAsWithTheWorkloadThatSoakedLeast(t *testing.T) {
	data := upgrades.VersionData{}
	data.Versions = map[string]upgrades.VersionHistory{"4.12.19": {Workloads: map[string]*upgrades.WorkloadHistory{"one": {SoakDays: 5.126}, "two": {SoakDays: 2.005}}}}
	require.Equal(t, map[string]float64{"4.12.19": 2, "4.12.20": 0}, upgrades.Soaked(cluster("a", workloads("one", "two"), runs("4.12.17", "4.12.19", "4.12.20")), data))
	require.Equal(t, map[string]float64{"4.12.19": 5.13}, upgrades.Soaked(cluster("a", workloads("one")), data))
	require.Empty(t, upgrades.Soaked(cluster("a", workloads()), data))
}

func TestTheOldestVersionOfACluster(t *testing.T) {
	require.Equal(t, "4.12.16", cluster("a", hosted(upgrades.NodePool{ID: "np", Version: "4.12.16"}, upgrades.NodePool{ID: "np2", Version: "4.12.17"})).Oldest())
	require.Equal(t, "4.12.17", cluster("a").Oldest())
}
