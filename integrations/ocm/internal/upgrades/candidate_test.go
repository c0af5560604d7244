package upgrades_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

func TestBlockedVersions(t *testing.T) {
	tests := map[string]struct {
		organization []string
		spec         upgrades.Spec
		candidate    string
		why          string
	}{
		"none are":                         {spec: cluster("a"), candidate: "4.12.19"},
		"by the organisation":              {organization: []string{".*"}, spec: cluster("a"), why: `4.12.19 is blocked by ".*"`},
		"by the cluster":                   {spec: cluster("a", blocks(".*")), why: `4.12.19 is blocked by ".*"`},
		"by both, the one":                 {organization: []string{"4.12.*"}, spec: cluster("a", blocks("4.13.0"), runs("4.11.1", "4.12.5")), why: `4.12.5 is blocked by "4.12.*"`},
		"by both, the other":               {organization: []string{"4.12.*"}, spec: cluster("a", blocks("4.13.0"), runs("4.11.1", "4.13.0")), why: `4.13.0 is blocked by "4.13.0"`},
		"by neither":                       {organization: []string{"4.12.*"}, spec: cluster("a", blocks("4.13.0"), runs("4.11.1", "4.13.1")), candidate: "4.13.1"},
		"of an add-on by the cluster":      {spec: cluster("a", addon("1.2.3", "1.2.4", "1.2.5"), blocks("addon-1/1.2.5")), candidate: "1.2.4"},
		"of an add-on by the organisation": {organization: []string{"addon-1/1.2.5"}, spec: cluster("a", addon("1.2.3", "1.2.4", "1.2.5")), candidate: "1.2.4"},
		"of an add-on by both": {organization: []string{"addon-1/1.2.5"}, spec: cluster("a", addon("1.2.3", "1.2.4", "1.2.5"), blocks("addon-1/1.2.4")),
			why: `1.2.5 is blocked by "addon-1/1.2.5"; 1.2.4 is blocked by "addon-1/1.2.4"`},
		"of an add-on none are": {spec: cluster("a", addon("1.2.3", "1.2.4", "1.2.5"), blocks("1.2.5", "addon-2/1.2.5")), candidate: "1.2.5"},
		"by a pattern that does not come to an end": {spec: cluster("a", blocks("-(a+)+x$"), runs("4.12.17", "4.12.19-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
			why: `4.12.19-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa is blocked by "-(a+)+x$"`},
		"what is no version is no candidate": {spec: cluster("a", runs("4.12.17", "latest")), why: "latest is no version that can be compared"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fleet(t, upgrades.Organization{BlockedVersions: test.organization}, test.spec)
			candidate, why := f.Candidate(test.spec, upgrades.VersionData{})
			require.Equal(t, test.candidate, candidate)
			require.Equal(t, test.why, why)
		})
	}
}

func TestClustersAreLookedAtByVersionAndSoakDays(t *testing.T) {
	f := fleet(t, upgrades.Organization{},
		cluster("later", runs("4.10.0")), cluster("patient", runs("4.9.0"), soak(2)), cluster("first", runs("4.9.0")), cluster("also first", runs("4.9.0")), cluster("candidate", runs("4.10.0-rc.1")))
	var names []string
	for _, s := range f.Specs() {
		names = append(names, s.Cluster.Name)
	}
	require.Equal(t, []string{"first", "also first", "patient", "candidate", "later"}, names)
}

func TestSoakDays(t *testing.T) {
	data := soaked("4.12.19", "wl", 21)
	tests := map[string]struct {
		spec upgrades.Spec
		met  bool
	}{
		"fewer are needed":                      {cluster("a", soak(1)), true},
		"as many are needed":                    {cluster("a", soak(21)), true},
		"more are needed":                       {cluster("a", soak(42)), false},
		"a new version needs none":              {cluster("a", runs("4.12.17", "4.13.0")), true},
		"a new version has none":                {cluster("a", runs("4.12.17", "4.13.0"), soak(1)), false},
		"each workload needs them":              {cluster("a", soak(1), workloads("wl", "other")), false},
		"a workload that needs none has enough": {cluster("a", workloads("wl", "other")), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			candidate, _ := fleet(t, upgrades.Organization{}, test.spec).Candidate(test.spec, data)
			require.Equal(t, test.met, candidate != "")
		})
	}
}

func TestSectorsGoInTheirOrder(t *testing.T) {
	o := upgrades.Organization{Sectors: []upgrades.Sector{{Name: "one"}, {Name: "two", Dependencies: []string{"one"}}, {Name: "three", Dependencies: []string{"two"}}, {Name: "side"}}}
	goes := func(sector string) upgrades.Spec { return cluster("goes", inSector(sector), runs("1.0.0", "1.2.3")) }
	before := func(sector string, versions ...string) []upgrades.Spec {
		var specs []upgrades.Spec
		for _, version := range versions {
			specs = append(specs, cluster(version, inSector(sector), runs(version)))
		}
		return specs
	}
	tests := map[string]struct {
		spec   upgrades.Spec
		others []upgrades.Spec
		why    string
	}{
		"a sector without dependencies goes":                {spec: goes("one")},
		"nobody is in the sector before":                    {spec: goes("two")},
		"all of the sector before run it or more":           {spec: goes("two"), others: before("one", "2.0.0", "1.2.3")},
		"one of the sector before runs less":                {spec: goes("two"), others: before("one", "1.0.0", "1.2.3"), why: "1.2.3 waits for sector one, which still runs 1.0.0 with workload wl"},
		"one of three in the sector before runs less":       {spec: goes("two"), others: before("one", "1.0.0", "1.2.3", "2.0.0"), why: "1.2.3 waits for sector one, which still runs 1.0.0 with workload wl"},
		"nobody is in any sector before":                    {spec: goes("three")},
		"a sector that is empty hands on to the one before": {spec: goes("three"), others: before("one", "2.0.0")},
		"a sector further down runs less":                   {spec: goes("three"), others: before("one", "1.0.0"), why: "1.2.3 waits for sector one, which still runs 1.0.0 with workload wl"},
		"of sectors further down the nearest one counts":    {spec: goes("three"), others: append(before("one", "1.0.0"), before("two", "1.2.3")...)},
		"a sector beside it does not matter":                {spec: goes("three"), others: before("side", "1.0.0")},
		"a workload that nobody before has does not matter": {spec: cluster("goes", inSector("two"), workloads("own"), runs("1.0.0", "1.2.3")), others: before("one", "1.0.0")},
		"an add-on compares its own versions": {
			spec:   cluster("goes", inSector("two"), addon("1.0.0", "1.2.3")),
			others: []upgrades.Spec{cluster("b", inSector("one"), addon("1.1.0"))},
			why:    "1.2.3 waits for sector one, which still runs 1.1.0 with workload wl",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			candidate, why := fleet(t, o, append(test.others, test.spec)...).Candidate(test.spec, upgrades.VersionData{})
			require.Equal(t, test.why, why)
			require.Equal(t, test.why == "", candidate == "1.2.3")
		})
	}
}

func TestInheritedOrganisationsGoFirst(t *testing.T) {
	o := upgrades.Organization{Sectors: []upgrades.Sector{{Name: "s"}}}
	spec := cluster("a", inSector("s"), workloads("wl", "own"))
	stats := func(least string, byWorkload map[string]string) upgrades.VersionData {
		return upgrades.VersionData{Stats: &upgrades.Stats{Inherited: &upgrades.Stats{MinVersion: least, MinVersionPerWorkload: byWorkload}}}
	}
	tests := map[string]struct {
		data upgrades.VersionData
		spec upgrades.Spec
		why  string
	}{
		"none are":                                  {data: upgrades.VersionData{Stats: &upgrades.Stats{MinVersion: "4.1.0"}}, spec: spec},
		"they run it":                               {data: stats("4.12.19", map[string]string{"wl": "4.12.19", "own": "4.13.0"}), spec: spec},
		"they run less with a workload":             {data: stats("4.12.1", map[string]string{"wl": "4.12.19", "own": "4.12.1"}), spec: spec, why: "4.12.19 waits for the organisations that are inherited from, which still run 4.12.1"},
		"they do not know a workload":               {data: stats("4.12.1", map[string]string{"wl": "4.12.19", "x": "4.12.1"}), spec: spec, why: "4.12.19 waits for the organisations that are inherited from, which still run 4.12.1"},
		"they run less with the one that they know": {data: stats("4.12.19", map[string]string{"wl": "4.12.18"}), spec: spec, why: "4.12.19 waits for the organisations that are inherited from, which still run 4.12.18"},
		"it is in no sector":                        {data: stats("4.12.1", nil), spec: cluster("a")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, why := fleet(t, o, test.spec).Candidate(test.spec, test.data)
			require.Equal(t, test.why, why)
		})
	}
}

func TestFaultsStopTheirOrganisation(t *testing.T) {
	sectors := func(all ...upgrades.Sector) upgrades.Organization { return upgrades.Organization{Sectors: all} }
	tests := map[string]struct {
		organization upgrades.Organization
		specs        []upgrades.Spec
		message      string
		count        int
	}{
		"there is none":                    {organization: sectors(upgrades.Sector{Name: "1"}, upgrades.Sector{Name: "2", Dependencies: []string{"1"}}, upgrades.Sector{Name: "3", Dependencies: []string{"2", "1"}})},
		"a sector depends on itself":       {organization: sectors(upgrades.Sector{Name: "1", Dependencies: []string{"1"}}), message: "sector 1 depends on itself", count: 1},
		"two sectors depend on each other": {organization: sectors(upgrades.Sector{Name: "1", Dependencies: []string{"2"}}, upgrades.Sector{Name: "2", Dependencies: []string{"1"}}), message: "sector 2 depends on itself", count: 2},
		"three sectors are a ring": {organization: sectors(upgrades.Sector{Name: "1", Dependencies: []string{"3"}}, upgrades.Sector{Name: "2", Dependencies: []string{"1"}}, upgrades.Sector{Name: "3", Dependencies: []string{"2"}}),
			message: "sector 3 depends on itself", count: 3},
		"a sector depends on one that is not there":  {organization: sectors(upgrades.Sector{Name: "1", Dependencies: []string{"0"}}), message: "sector 1 depends on sector 0, which is not there", count: 1},
		"a cluster is in a sector that is not there": {specs: []upgrades.Spec{cluster("a", inSector("0"))}, message: "there is no sector 0; cluster a: it is in sector 0, which is not there", count: 2},
		"a limit is no number":                       {organization: sectors(upgrades.Sector{Name: "1", MaxParallelUpgrades: "some"}), message: `maxParallelUpgrades "some" is neither a number nor a percentage`, count: 1},
		"a pattern of the organisation is none":      {organization: upgrades.Organization{BlockedVersions: []string{"("}}, message: `blocked version "(" is not a regular expression`, count: 1},
		"a pattern of a cluster is none":             {specs: []upgrades.Spec{cluster("a", blocks("("))}, message: `cluster a: blocked version "(" is not a regular expression`, count: 1},
		"a cluster runs no version":                  {specs: []upgrades.Spec{cluster("a", runs("4.12"))}, message: `cluster a: "4.12" is not a version`, count: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, faults := upgrades.NewFleet(test.organization, test.specs)
			require.Equal(t, test.count, faults.Len())
			if test.message == "" {
				require.NoError(t, faults.Err())
				return
			}
			require.ErrorContains(t, faults.Err(), test.message)
		})
	}
}
