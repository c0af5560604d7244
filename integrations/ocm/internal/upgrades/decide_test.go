package upgrades_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

// now is a Monday.
var now = time.Date(2021, 8, 30, 18, 0, 0, 0, time.UTC)

// nextMinute is when an upgrade begins that is decided now and whose schedule hits every minute.
var nextMinute = time.Date(2021, 8, 30, 18, 7, 0, 0, time.UTC)

type edit func(*upgrades.Spec)

// cluster can be upgraded from 4.12.17 to 4.12.19 at any minute.
func cluster(name string, edits ...edit) upgrades.Spec {
	s := upgrades.Spec{
		Cluster:   upgrades.Cluster{ID: "id-" + name, Name: name, Version: "4.12.17", Upgrades: []string{"4.12.19"}},
		Workloads: []string{"wl"}, Schedule: "* * * * *",
	}
	for _, e := range edits {
		e(&s)
	}
	return s
}

func runs(version string, offered ...string) edit {
	return func(s *upgrades.Spec) { s.Cluster.Version, s.Cluster.Upgrades = version, offered }
}

func soak(days int) edit { return func(s *upgrades.Spec) { s.Conditions.SoakDays = days } }

func mutexes(names ...string) edit { return func(s *upgrades.Spec) { s.Conditions.Mutexes = names } }

func inSector(name string) edit { return func(s *upgrades.Spec) { s.Conditions.Sector = name } }

func blocks(patterns ...string) edit {
	return func(s *upgrades.Spec) { s.Conditions.BlockedVersions = patterns }
}

func workloads(names ...string) edit { return func(s *upgrades.Spec) { s.Workloads = names } }

func schedule(text string) edit { return func(s *upgrades.Spec) { s.Schedule = text } }

func hosted(pools ...upgrades.NodePool) edit {
	return func(s *upgrades.Spec) { s.Cluster.HostedControlPlane, s.Cluster.NodePools = true, pools }
}

func careful(s *upgrades.Spec) { s.Approval = "it is careful" }

func addon(version string, offered ...string) edit {
	return func(s *upgrades.Spec) {
		s.Addon = &upgrades.Addon{ID: "addon-1", Version: version, Upgrades: offered}
	}
}

func soaked(version, workload string, days float64) upgrades.VersionData {
	return upgrades.VersionData{Versions: map[string]upgrades.VersionHistory{
		version: {Workloads: map[string]*upgrades.WorkloadHistory{workload: {SoakDays: days}}},
	}}
}

// policy is one of a cluster.
func policy(name, version string, at time.Time) upgrades.Policy {
	return upgrades.Policy{Kind: upgrades.ClusterPolicy, ID: "policy-" + name, ClusterID: "id-" + name, Version: version, NextRun: at, ScheduleType: upgrades.Manual}
}

func fleet(t *testing.T, o upgrades.Organization, specs ...upgrades.Spec) *upgrades.Fleet {
	t.Helper()
	made, faults := upgrades.NewFleet(o, specs)
	require.NoError(t, faults.Err())
	return made
}

func verdicts(t *testing.T, f *upgrades.Fleet, in upgrades.Situation) map[string]upgrades.Verdict {
	t.Helper()
	in.Now = now
	byName := map[string]upgrades.Verdict{}
	for _, verdict := range decide(t, f, in, nil) {
		byName[verdict.Spec.Cluster.Name] = verdict
	}
	return byName
}

func TestWhatIsDecidedAboutACluster(t *testing.T) {
	soon := now.Add(time.Hour)
	ocp := upgrades.Gate{ID: "g1", Label: upgrades.GateOCP, Minor: "4.13"}
	tests := map[string]struct {
		spec    upgrades.Spec
		in      upgrades.Situation
		creates upgrades.Kind
		version string
		at      time.Time
		ask     string
		deletes int
		why     string
		fault   string
	}{
		"an upgrade that needs an approval is asked for, however far its window is": {
			spec: cluster("a", runs("4.12.17", "4.12.18", "4.12.19"), schedule("0 3 * * *"), careful), ask: "4.12.19",
			why: "4.12.19 meets all conditions, and waits for an approval",
		},
		"an upgrade that was approved waits for its window": {
			spec: cluster("a", schedule("0 3 * * *"), careful), in: upgrades.Situation{Approved: map[string]string{"id-a": "4.12.19"}},
			why: `its schedule "0 3 * * *" hits at 2021-08-31T03:00:00Z, which is too far ahead`,
		},
		"the approved version is taken, and not a later one": {
			spec: cluster("a", runs("4.12.17", "4.12.18", "4.12.19"), careful), in: upgrades.Situation{Approved: map[string]string{"id-a": "4.12.18"}},
			creates: upgrades.ClusterPolicy, version: "4.12.18", at: nextMinute, why: "4.12.18 meets all conditions",
		},
		"another version is asked for when the approved one must not be taken any more": {
			spec: cluster("a", runs("4.12.17", "4.12.18", "4.12.19"), blocks(`18$`), careful), in: upgrades.Situation{Approved: map[string]string{"id-a": "4.12.18"}},
			ask: "4.12.19", why: "4.12.19 meets all conditions, and waits for an approval",
		},
		"nobody is asked about a version that has to soak": {
			spec: cluster("a", soak(1), careful), why: "4.12.19 has soaked 0.00 of 1 days with workload wl",
		},
		"nobody is asked about a version whose gate is not agreed to": {
			spec: cluster("a", runs("4.12.17", "4.13.1"), careful), in: upgrades.Situation{Gates: []upgrades.Gate{ocp}}, why: "4.13.1 needs an agreement to gate g1",
		},
		"node pools follow an approved control plane": {
			spec: cluster("a", runs("4.12.19"), hosted(upgrades.NodePool{ID: "p1", Version: "4.12.17"}), careful), creates: upgrades.NodePoolPolicy,
			version: "4.12.19", at: now.Add(6 * time.Minute), why: "node pool p1 is behind its control plane, which runs 4.12.19",
		},
		"a version that has soaked is scheduled": {
			spec: cluster("a", soak(10)), in: upgrades.Situation{Data: soaked("4.12.19", "wl", 11)},
			creates: upgrades.ClusterPolicy, version: "4.12.19", at: nextMinute, why: "4.12.19 meets all conditions",
		},
		"a version that has not soaked waits": {
			spec: cluster("a", soak(12)), in: upgrades.Situation{Data: soaked("4.12.19", "wl", 11)},
			why: "4.12.19 has soaked 11.00 of 12 days with workload wl",
		},
		"a gate of a kind that is not known does not matter": {
			spec: cluster("a", runs("4.12.17", "4.13.1")), in: upgrades.Situation{Gates: []upgrades.Gate{{ID: "g", Label: "api.openshift.com/some-gate", Minor: "4.13"}}},
			creates: upgrades.ClusterPolicy, version: "4.13.1", at: nextMinute, why: "4.13.1 meets all conditions",
		},
		"a gate that is agreed to is passed": {
			spec: cluster("a", runs("4.12.17", "4.13.1")), in: upgrades.Situation{Gates: []upgrades.Gate{ocp}, Agreed: map[string][]string{"id-a": {"g1"}}},
			creates: upgrades.ClusterPolicy, version: "4.13.1", at: nextMinute, why: "4.13.1 meets all conditions",
		},
		"a gate that is not agreed to is waited for": {
			spec: cluster("a", runs("4.12.17", "4.13.1")), in: upgrades.Situation{Gates: []upgrades.Gate{ocp}},
			why: "4.13.1 needs an agreement to gate g1",
		},
		"a hosted control plane has policies of its own": {
			spec:    cluster("a", hosted(upgrades.NodePool{ID: "np", Version: "4.12.17"})),
			creates: upgrades.ControlPlanePolicy, version: "4.12.19", at: nextMinute, why: "4.12.19 meets all conditions",
		},
		"a node pool that is behind goes first, whatever the schedule": {
			spec:    cluster("a", schedule("0 3 * * *"), hosted(upgrades.NodePool{ID: "np", Version: "4.12.16"})),
			creates: upgrades.NodePoolPolicy, version: "4.12.17", at: now.Add(6 * time.Minute), why: "node pool np is behind its control plane, which runs 4.12.17",
		},
		"one node pool goes at a time": {
			spec: cluster("a", hosted(upgrades.NodePool{ID: "np", Version: "4.12.16"}, upgrades.NodePool{ID: "np2", Version: "4.12.15"})),
			in:   upgrades.Situation{Policies: []upgrades.Policy{{Kind: upgrades.NodePoolPolicy, ClusterID: "id-a", NodePool: "np", Version: "4.12.17", NextRun: soon}}},
			why:  "it has a policy already: the upgrade of its node pool np to 4.12.17 at 2021-08-30T19:00:00Z",
		},
		"a cluster with a policy is left alone": {
			spec: cluster("a"), in: upgrades.Situation{Policies: []upgrades.Policy{policy("a", "4.12.19", soon)}},
			why: "it has a policy already: its upgrade to 4.12.19 at 2021-08-30T19:00:00Z",
		},
		"an automatic policy without a version is left alone": {
			spec: cluster("a", blocks(".*")), in: upgrades.Situation{Policies: []upgrades.Policy{policy("a", "", time.Time{})}},
			why: "it has a policy already: its upgrade",
		},
		"a policy for a version that is blocked by now is deleted": {
			spec: cluster("a", blocks("19$")), in: upgrades.Situation{Policies: []upgrades.Policy{policy("a", "4.12.19", soon)}},
			deletes: 1, why: `it has a policy already: its upgrade to 4.12.19 at 2021-08-30T19:00:00Z is deleted, because 4.12.19 is blocked by "19$"`,
		},
		"that of a hosted control plane too": {
			spec:    cluster("a", blocks("19$"), hosted()),
			in:      upgrades.Situation{Policies: []upgrades.Policy{{Kind: upgrades.ControlPlanePolicy, ClusterID: "id-a", Version: "4.12.19", NextRun: soon}}},
			deletes: 1, why: `it has a policy already: the upgrade of its control plane to 4.12.19 at 2021-08-30T19:00:00Z is deleted, because 4.12.19 is blocked by "19$"`,
		},
		"an upgrade to a blocked version that has begun goes on": {
			spec: cluster("a", blocks("19$")), in: upgrades.Situation{Policies: []upgrades.Policy{policy("a", "4.12.19", now.Add(-time.Minute))}},
			why: `it has a policy already: its upgrade to 4.12.19 at 2021-08-30T17:59:00Z is under way although it is blocked by "19$"`,
		},
		"two policies of a cluster are a fault": {
			spec: cluster("a", blocks("19$")), in: upgrades.Situation{Policies: []upgrades.Policy{policy("a", "4.12.18", soon), policy("a", "4.12.17", soon)}},
			why:   "it has a policy already: its upgrade to 4.12.17 at 2021-08-30T19:00:00Z; its upgrade to 4.12.18 at 2021-08-30T19:00:00Z",
			fault: "cluster a has 2 upgrade policies where there can be one: delete the wrong ones in OCM",
		},
		"a schedule that hits too late is waited for": {
			spec: cluster("a", schedule("30 20 * * *")), why: `its schedule "30 20 * * *" hits at 2021-08-30T20:30:00Z, which is too far ahead`,
		},
		"a schedule that never hits is said to": {
			spec: cluster("a", schedule("0 0 30 2 *")), why: `its schedule "0 0 30 2 *" never hits`,
		},
		"a schedule that is none is a fault": {
			spec:  cluster("a", schedule("daily")),
			why:   `schedule "daily" is not a cron expression: give minute, hour, day of month, month and day of week, in UTC`,
			fault: `cluster a: schedule "daily" is not a cron expression: give minute, hour, day of month, month and day of week, in UTC`,
		},
		"nothing to upgrade to is said": {spec: cluster("a", runs("4.12.17")), why: "OCM offers no version above 4.12.17"},
		"an add-on is upgraded within minutes, without a time": {
			spec:    cluster("a", addon("1.2.3", "1.2.4"), schedule("9 18 * * *")),
			creates: upgrades.AddonPolicy, version: "1.2.4", why: "1.2.4 meets all conditions",
		},
		"an add-on waits for its schedule": {
			spec: cluster("a", addon("1.2.3", "1.2.4"), schedule("11 18 * * *")), why: `its schedule "11 18 * * *" hits at 2021-08-30T18:11:00Z, which is too far ahead`,
		},
		"a policy of an add-on that is done with is deleted": {
			spec: cluster("a", addon("1.2.3", "1.2.4")), deletes: 1,
			in:  upgrades.Situation{Policies: []upgrades.Policy{{Kind: upgrades.AddonPolicy, ClusterID: "id-a", Addon: "addon-1", Version: "1.2.3", State: upgrades.Completed}}},
			why: "it has a policy already: the upgrade of its add-on addon-1 to 1.2.3 (completed)",
		},
		"an automatic policy of an add-on is deleted": {
			spec: cluster("a", addon("1.2.3", "1.2.4")), deletes: 1,
			in:  upgrades.Situation{Policies: []upgrades.Policy{{Kind: upgrades.AddonPolicy, ClusterID: "id-a", Addon: "addon-1", ScheduleType: upgrades.Automatic}}},
			why: "it has a policy already: the upgrade of its add-on addon-1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := verdicts(t, fleet(t, upgrades.Organization{}, test.spec), test.in)["a"]
			require.Equal(t, test.why, got.Why)
			require.Equal(t, test.ask, got.Ask)
			require.Len(t, got.Delete, test.deletes)
			if test.fault != "" {
				require.EqualError(t, got.Fault, test.fault)
			} else {
				require.NoError(t, got.Fault)
			}
			if test.creates == "" {
				require.Nil(t, got.Create)
				return
			}
			require.NotNil(t, got.Create)
			require.Equal(t, test.creates, got.Create.Kind)
			require.Equal(t, test.version, got.Create.Version)
			require.Equal(t, test.at, got.Create.NextRun)
			require.Equal(t, "id-a", got.Create.ClusterID)
		})
	}
}

func TestMutexes(t *testing.T) {
	planned := policy("a", "4.12.19", now.Add(6*time.Minute))
	pool := hosted(upgrades.NodePool{ID: "np", Version: "4.12.16"})
	tests := map[string]struct {
		specs    []upgrades.Spec
		policies []upgrades.Policy
		begin    []string
	}{
		"nobody holds it":                                 {specs: []upgrades.Spec{cluster("a", mutexes("m"))}, begin: []string{"a"}},
		"a cluster in upgrade holds it":                   {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", mutexes("m"))}, policies: []upgrades.Policy{planned}},
		"of two that want it the first one gets it":       {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", mutexes("m"))}, begin: []string{"a"}},
		"the lower version comes first":                   {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", mutexes("m"), runs("4.11.1", "4.12.19"))}, begin: []string{"b"}},
		"a node pool waits for it":                        {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", mutexes("m"), pool)}, policies: []upgrades.Policy{planned}},
		"a node pool with another one does not wait":      {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", mutexes("n"), pool)}, policies: []upgrades.Policy{planned}, begin: []string{"b"}},
		"a node pool without any does not wait":           {specs: []upgrades.Spec{cluster("a", mutexes("m")), cluster("b", pool)}, policies: []upgrades.Policy{planned}, begin: []string{"b"}},
		"a cluster is a mutex for its own":                {specs: []upgrades.Spec{cluster("a", pool)}, policies: []upgrades.Policy{{Kind: upgrades.NodePoolPolicy, ClusterID: "id-a", NodePool: "np"}}},
		"a policy of a cluster without rules holds none":  {specs: []upgrades.Spec{cluster("b", mutexes("m"))}, policies: []upgrades.Policy{planned}, begin: []string{"b"}},
		"one that waits for something else holds nothing": {specs: []upgrades.Spec{cluster("a", mutexes("m"), soak(1)), cluster("b", mutexes("m"))}, begin: []string{"b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var begin []string
			for name, verdict := range verdicts(t, fleet(t, upgrades.Organization{}, test.specs...), upgrades.Situation{Policies: test.policies}) {
				if verdict.Create != nil {
					begin = append(begin, name)
				}
			}
			require.Equal(t, test.begin, begin)
		})
	}
}

func TestMaxParallelUpgrades(t *testing.T) {
	tests := []struct {
		most              string
		clusters, ongoing int
		waits             bool
	}{
		{"", 5, 0, false}, {"", 5, 1, false}, {"", 5, 4, false},
		{"1", 5, 0, false}, {"1", 5, 1, true}, {"1", 5, 2, true},
		{"2", 5, 0, false}, {"2", 5, 1, false}, {"2", 5, 2, true}, {"2", 5, 3, true},
		{"2%", 5, 1, true},
		{"33%", 5, 0, false}, {"33%", 5, 1, false}, {"33%", 5, 2, true}, {"33%", 5, 3, true}, {"33%", 5, 4, true},
		{"50%", 5, 1, false}, {"50%", 5, 2, true}, {"50%", 5, 3, true}, {"50%", 5, 4, true},
		{"50%", 6, 1, false}, {"50%", 6, 2, false}, {"50%", 6, 3, true}, {"50%", 6, 4, true},
		{"100%", 6, 5, false},
		{"-3", 5, 0, false}, {"-3", 5, 1, true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q with %d of %d in upgrade", test.most, test.ongoing, test.clusters), func(t *testing.T) {
			o := upgrades.Organization{Sectors: []upgrades.Sector{{Name: "s", MaxParallelUpgrades: test.most}}}
			var specs []upgrades.Spec
			var policies []upgrades.Policy
			for i := range test.clusters {
				name := fmt.Sprintf("c%d", i)
				specs = append(specs, cluster(name, inSector("s")))
				if i < test.ongoing {
					policies = append(policies, policy(name, "4.12.19", now))
				}
			}
			next := verdicts(t, fleet(t, o, specs...), upgrades.Situation{Policies: policies})[fmt.Sprintf("c%d", test.ongoing)]
			require.Equal(t, test.waits, next.Create == nil, next.Why)
			if test.waits {
				require.Contains(t, next.Why, "sector s has")
			}
		})
	}
}

func TestAgreementsAreAskedForWhereTheyMatterAlone(t *testing.T) {
	f := fleet(t, upgrades.Organization{},
		cluster("gated", runs("4.12.17", "4.13.1"), mutexes("m")),
		cluster("waits", runs("4.12.18", "4.13.1"), mutexes("m")),
		cluster("soaks", runs("4.12.19", "4.13.1"), soak(1)))
	in := upgrades.Situation{Now: now, Gates: []upgrades.Gate{{ID: "g1", Label: upgrades.GateOCP, Minor: "4.13"}}}
	require.Equal(t, []string{"id-gated", "id-waits"}, f.Decide(in).Unread, "the second one might get the mutex")

	in.Agreed = map[string][]string{"id-gated": {"g1"}, "id-waits": nil}
	decision := f.Decide(in)
	require.Empty(t, decision.Unread)
	require.NotNil(t, decision.Verdicts[0].Create)
	require.Equal(t, "mutex m is held by cluster gated", decision.Verdicts[1].Why)
}

func TestGatesConcernClustersOfTheirKind(t *testing.T) {
	c := cluster("a", runs("4.12.17", "4.13.1")).Cluster
	sts := c
	sts.STS = true
	newer := cluster("a", runs("4.13.0", "4.13.1")).Cluster
	tests := map[string]struct {
		gate     upgrades.Gate
		cluster  upgrades.Cluster
		concerns bool
	}{
		"OCP all":                                {upgrades.Gate{Label: upgrades.GateOCP, Minor: "4.13"}, c, true},
		"ingress all":                            {upgrades.Gate{Label: upgrades.GateIngress, Minor: "4.13"}, c, true},
		"STS those with STS":                     {upgrades.Gate{Label: upgrades.GateSTS, Minor: "4.13"}, sts, true},
		"STS no others":                          {upgrades.Gate{Label: upgrades.GateSTS, Minor: "4.13"}, c, false},
		"no cluster that is there already":       {upgrades.Gate{Label: upgrades.GateOCP, Minor: "4.13"}, newer, false},
		"no cluster that cannot go there":        {upgrades.Gate{Label: upgrades.GateOCP, Minor: "4.14"}, c, false},
		"4.9 is below 4.13":                      {upgrades.Gate{Label: upgrades.GateOCP, Minor: "4.13"}, cluster("a", runs("4.9.1", "4.13.1")).Cluster, true},
		"a kind that is not known concerns none": {upgrades.Gate{Label: "new", Minor: "4.13"}, c, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.concerns, test.gate.Concerns(test.cluster)) })
	}
}
