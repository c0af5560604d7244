package upgrades_test

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

// world is a fleet that lives: upgrades begin, take their time and end.
type world struct {
	organization upgrades.Organization
	specs        []upgrades.Spec
	policies     []upgrades.Policy
	data         upgrades.VersionData
	approved     map[string]string
	now          time.Time
	begun        int
}

// releases are the versions that there are, from low to high.
var releases = []string{"4.14.8", "4.14.9", "4.14.10", "4.15.0-rc.1", "4.15.1", "4.15.2", "4.16.0"}

func drawWorld(t *rapid.T) *world {
	some := func(label string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[string]).Draw(t, label)
	}
	w := &world{now: time.Date(2031, 3, 10, 0, 0, 0, 0, time.UTC), approved: map[string]string{}}
	limit := rapid.SampledFrom([]string{"", "0", "1", "2", "34%", "50%"})
	w.organization = upgrades.Organization{
		ID: "o", BlockedVersions: some("blocked everywhere", `-rc\.`, `^4\.15\.1$`),
		Sectors: []upgrades.Sector{
			{Name: "dev", MaxParallelUpgrades: limit.Draw(t, "limit of dev")},
			{Name: "stage", Dependencies: []string{"dev"}, MaxParallelUpgrades: limit.Draw(t, "limit of stage")},
			{Name: "side", Dependencies: []string{"dev"}},
			{Name: "prod", Dependencies: []string{"stage", "side"}, MaxParallelUpgrades: limit.Draw(t, "limit of prod")},
		},
	}
	for i := range rapid.IntRange(1, 8).Draw(t, "clusters") {
		name := fmt.Sprintf("c%d", i)
		version := rapid.IntRange(0, 3).Draw(t, "version of "+name)
		s := upgrades.Spec{
			Cluster:   upgrades.Cluster{ID: "id-" + name, Name: name, Version: releases[version], Upgrades: releases[version+1:]},
			Workloads: append([]string{"std"}, some("workloads of "+name, "db", "web")...),
			Schedule:  rapid.SampledFrom([]string{"* * * * *", "0 * * * *", "30 9-17 * * 1-5"}).Draw(t, "schedule of "+name),
			Conditions: upgrades.Conditions{
				SoakDays:        rapid.IntRange(0, 4).Draw(t, "soak days of "+name),
				Mutexes:         some("mutexes of "+name, "m", "n"),
				Sector:          rapid.SampledFrom([]string{"", "dev", "stage", "side", "prod"}).Draw(t, "sector of "+name),
				BlockedVersions: some("blocked for "+name, `^4\.14\.`, `^4\.15\.(?!2)`),
			},
		}
		if rapid.IntRange(0, 9).Draw(t, "health of "+name) == 0 {
			s.Ailments = []upgrades.Ailment{{Source: "telemeter", Error: "alert", Enforced: true}}
		}
		if rapid.IntRange(0, 3).Draw(t, "approval of "+name) == 0 {
			s.Approval = "it is careful"
		}
		if rapid.Bool().Draw(t, "hosted "+name) {
			s.Cluster.HostedControlPlane = true
			s.Cluster.NodePools = []upgrades.NodePool{{ID: "p1", Version: releases[version]}, {ID: "p2", Version: releases[version]}}
		}
		w.specs = append(w.specs, s)
	}
	return w
}

// pass lets time go by: upgrades whose time has come end.
func (w *world) pass(by time.Duration) {
	w.now = w.now.Add(by)
	w.policies = slices.DeleteFunc(w.policies, func(p upgrades.Policy) bool {
		if w.now.Before(p.NextRun.Add(time.Hour)) {
			return false
		}
		w.finish(p)
		return true
	})
}

func (w *world) finish(p upgrades.Policy) {
	for i := range w.specs {
		c := &w.specs[i].Cluster
		if c.ID != p.ClusterID {
			continue
		}
		if p.Kind == upgrades.NodePoolPolicy {
			for j := range c.NodePools {
				if c.NodePools[j].ID == p.NodePool {
					c.NodePools[j].Version = p.Version
				}
			}
			continue
		}
		c.Version = p.Version
		c.Upgrades = releases[slices.Index(releases, p.Version)+1:]
	}
}

func (w *world) situation() upgrades.Situation {
	return upgrades.Situation{Now: w.now, Policies: w.policies, Data: w.data.Clone(), Approved: maps.Clone(w.approved)}
}

func (w *world) decide(t *rapid.T, specs []upgrades.Spec, in upgrades.Situation) []upgrades.Verdict {
	f, faults := upgrades.NewFleet(w.organization, specs)
	require.NoError(t, faults.Err())
	return f.Decide(in).Verdicts
}

// TestWhateverTheFleet simulates fleets for some days. Runs are repeated, and killed in the middle.
func TestWhateverTheFleet(t *testing.T) {
	begun := 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range 30 {
			before := w.data.Clone()
			w.data.Count(upgrades.Reports(w.specs), w.now)
			w.checkMonotone(t, before)
			verdicts := w.decide(t, w.specs, w.situation())
			w.checkOrder(t, verdicts)
			w.carryOut(t, verdicts)
			w.pass(time.Duration(rapid.IntRange(1, 300).Draw(t, "minutes")) * time.Minute)
		}
		begun += w.begun
	})
	require.Greater(t, begun, 100, "fleets in which next to nothing begins show nothing")
}

// carryOut makes the policies, up to where the run is killed, and checks each one on its own.
func (w *world) carryOut(t *rapid.T, verdicts []upgrades.Verdict) {
	var all []upgrades.Policy
	var asked []upgrades.Verdict
	deletes := 0
	defer func() {
		for _, verdict := range asked {
			if rapid.Bool().Draw(t, "consent") {
				w.approved[verdict.Spec.Cluster.ID] = verdict.Ask
			}
		}
	}()
	for _, verdict := range verdicts {
		require.NoError(t, verdict.Fault)
		require.NotEmpty(t, verdict.Why)
		for _, gone := range verdict.Delete {
			deletes++
			w.policies = slices.DeleteFunc(w.policies, func(p upgrades.Policy) bool { return p == gone })
		}
		if verdict.Create != nil {
			w.check(t, verdict, append(slices.Clone(w.policies), all...))
			all = append(all, *verdict.Create)
		}
		if verdict.Ask != "" {
			require.Nil(t, verdict.Create)
			asked = append(asked, verdict)
		}
	}
	killed := rapid.IntRange(0, len(all)).Draw(t, "policies before the kill")
	w.policies = append(w.policies, all[:killed]...)
	w.begun += killed
	w.checkMutexes(t)
	if deletes > 0 {
		return
	}
	var rest []upgrades.Policy
	for _, verdict := range w.decide(t, w.specs, w.situation()) {
		if verdict.Create != nil {
			rest = append(rest, *verdict.Create)
		}
	}
	require.Equal(t, fmt.Sprint(all[killed:]), fmt.Sprint(rest), "the run after a killed one does the rest, and nothing else")
}

// check looks at one policy as the rules are written down. Others are those that are there by then.
func (w *world) check(t *rapid.T, verdict upgrades.Verdict, others []upgrades.Policy) {
	s, p := verdict.Spec, *verdict.Create
	if p.Kind == upgrades.NodePoolPolicy {
		require.Equal(t, s.Cluster.Version, p.Version)
		return
	}
	for _, pattern := range append(slices.Clone(w.organization.BlockedVersions), s.Conditions.BlockedVersions...) {
		if pattern == `^4\.15\.(?!2)` {
			require.False(t, p.Version != "4.15.2" && minor(p.Version) == "4.15", "%s is blocked by %s", p.Version, pattern)
			continue
		}
		require.NotRegexp(t, pattern, p.Version)
	}
	for _, workload := range s.Workloads {
		require.GreaterOrEqual(t, w.data.History(p.Version, workload).SoakDays, float64(s.Conditions.SoakDays))
		w.checkSectors(t, s.Conditions.Sector, workload, p.Version)
	}
	if s.Approval != "" {
		require.Equal(t, w.approved[s.Cluster.ID], p.Version)
	}
	require.GreaterOrEqual(t, p.NextRun.Sub(w.now), 6*time.Minute)
	require.LessOrEqual(t, p.NextRun.Sub(w.now), 2*time.Hour)
	w.checkParallel(t, s.Conditions.Sector, others)
}

func minor(version string) string { return version[:4] }

// checkSectors demands that the sectors before run the version, each line of them up to the first that has the workload.
func (w *world) checkSectors(t *rapid.T, sector, workload, version string) {
	for _, s := range w.organization.Sectors {
		if s.Name != sector {
			continue
		}
		for _, before := range s.Dependencies {
			found := false
			for _, spec := range w.specs {
				if spec.Conditions.Sector == before && slices.Contains(spec.Workloads, workload) {
					found = true
					require.False(t, semver.MustParse(spec.Cluster.Version).LessThan(semver.MustParse(version)),
						"%s in %s runs %s, and %s would get %s", spec.Cluster.Name, before, spec.Cluster.Version, sector, version)
				}
			}
			if !found {
				w.checkSectors(t, before, workload, version)
			}
		}
	}
}

// checkParallel demands that no more clusters of the sector are in upgrade than may, when one begins.
func (w *world) checkParallel(t *rapid.T, sector string, others []upgrades.Policy) {
	clusters, upgrading := 0, 0
	for _, s := range w.specs {
		if s.Conditions.Sector != sector {
			continue
		}
		clusters++
		if slices.ContainsFunc(others, func(p upgrades.Policy) bool { return p.ClusterID == s.Cluster.ID }) {
			upgrading++
		}
	}
	for _, s := range w.organization.Sectors {
		most := map[string]int{"": clusters, "0": 1, "1": 1, "2": 2, "34%": max(1, (clusters*34+50)/100), "50%": max(1, clusters/2+clusters%2*(clusters/2%2))}
		if s.Name == sector {
			require.Less(t, upgrading, most[s.MaxParallelUpgrades], "%d of %d clusters are in upgrade and %s is the limit", upgrading, clusters, s.MaxParallelUpgrades)
		}
	}
}

// checkMutexes demands that no two clusters in upgrade share one, and that none has two upgrades.
func (w *world) checkMutexes(t *rapid.T) {
	held := map[string]bool{}
	for _, p := range w.policies {
		for _, s := range w.specs {
			if s.Cluster.ID != p.ClusterID {
				continue
			}
			for _, mutex := range append(slices.Clone(s.Conditions.Mutexes), s.Cluster.ID) {
				require.False(t, held[mutex], "mutex %s is held twice", mutex)
				held[mutex] = true
			}
		}
	}
}

func (w *world) checkMonotone(t *rapid.T, before upgrades.VersionData) {
	for version, of := range before.Versions {
		for workload, history := range of.Workloads {
			later := w.data.History(version, workload)
			require.GreaterOrEqual(t, later.SoakDays, history.SoakDays)
			require.Equal(t, history.Reporting, later.Reporting[:len(history.Reporting)])
		}
	}
}

// checkOrder demands the same verdicts whatever the order of policies, and of clusters that are not looked at in the
// order in which they are given.
func (w *world) checkOrder(t *rapid.T, verdicts []upgrades.Verdict) {
	shuffle := rand.New(rand.NewSource(rapid.Int64().Draw(t, "order")))
	in := w.situation()
	in.Policies = slices.Clone(in.Policies)
	shuffle.Shuffle(len(in.Policies), func(i, j int) { in.Policies[i], in.Policies[j] = in.Policies[j], in.Policies[i] })
	require.Equal(t, verdicts, w.decide(t, w.specs, in))
	specs := slices.Clone(w.specs)
	shuffle.Shuffle(len(specs), func(i, j int) { specs[i], specs[j] = specs[j], specs[i] })
	rank := func(s upgrades.Spec) string { return s.Cluster.Version + fmt.Sprint(s.Conditions.SoakDays) }
	ranks := map[string]bool{}
	for _, s := range specs {
		ranks[rank(s)] = true
	}
	if len(ranks) == len(specs) {
		require.Equal(t, verdicts, w.decide(t, specs, in))
	}
}
