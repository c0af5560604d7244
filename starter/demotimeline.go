package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/workflows"
)

const minute = "Mon 2006-01-02 15:04"

// upgrade is one that was seen in OCM. Unit is a cluster, or <cluster>/<node pool>.
type upgrade struct {
	organization, unit, version string
	// planned is when it was first seen, begins when it begins, and done when its version was first seen to run.
	planned, begins, done time.Time
	// followed says that its workflow has come to its end, and words are its latest ones.
	followed bool
	words    string
}

// ends is when OCM lets it end.
func (u upgrade) ends() time.Time { return u.begins.Add(time.Hour) }

func (u upgrade) key() string { return "upgrade/" + u.unit + "/" + u.version }
func (u upgrade) workflow() string {
	return workflows.FollowedID(upgradeschedulerorg.Name, u.organization, u.key())
}

// timeline is what was seen of a fleet.
type timeline struct {
	began time.Time
	// units are the organisations of all clusters and node pools.
	units    map[string]string
	upgrades []upgrade
	versions map[string]string
	policies map[string]bool
}

func newTimeline(estate ocm.Estate) timeline {
	t := timeline{began: *estate.Now, units: map[string]string{}, versions: map[string]string{}, policies: map[string]bool{}}
	t.each(estate, func(unit, organization, version string, _ map[string]*ocm.UpgradePolicy) {
		t.units[unit], t.versions[unit] = organization, version
	})
	return t
}

// each calls for all clusters and node pools, in the order of their names.
func (t *timeline) each(estate ocm.Estate, call func(unit, organization, version string, policies map[string]*ocm.UpgradePolicy)) {
	for _, id := range slices.Sorted(maps.Keys(estate.Clusters)) {
		c := estate.Clusters[id]
		organization := estate.Organizations[c.Organization].Name
		call(c.Name, organization, c.Version, c.UpgradePolicies)
		for _, pool := range slices.Sorted(maps.Keys(c.NodePools)) {
			call(c.Name+"/"+pool, organization, c.NodePools[pool].Version, c.NodePools[pool].UpgradePolicies)
		}
	}
}

// observe notes new policies and versions, and returns them in words.
func (t *timeline) observe(estate ocm.Estate, now time.Time) (news []string) {
	t.each(estate, func(unit, organization, version string, policies map[string]*ocm.UpgradePolicy) {
		for _, id := range slices.Sorted(maps.Keys(policies)) {
			if p := policies[id]; !t.policies[unit+"/"+id] {
				t.policies[unit+"/"+id] = true
				t.upgrades = append(t.upgrades, upgrade{organization: organization, unit: unit, version: p.Version, planned: now, begins: *p.NextRun})
				news = append(news, fmt.Sprintf("%-22s to %s is planned for %s", unit, p.Version, p.NextRun.UTC().Format(minute)))
			}
		}
		if version == t.versions[unit] {
			return
		}
		t.versions[unit] = version
		news = append(news, fmt.Sprintf("%-22s runs %s", unit, version))
		for i := range t.upgrades {
			if u := &t.upgrades[i]; u.unit == unit && u.version == version && u.done.IsZero() {
				u.done = now
			}
		}
	})
	return news
}

// complete says whether all run the newest version, and all workflows have seen that.
func (t *timeline) complete() bool {
	for _, version := range t.versions {
		if version != newest {
			return false
		}
	}
	return !slices.ContainsFunc(t.upgrades, func(u upgrade) bool { return !u.followed })
}

// underWay counts the upgrades that are.
func (t *timeline) underWay(now time.Time) (n int) {
	for _, u := range t.upgrades {
		if u.done.IsZero() && u.begins.Before(now) {
			n++
		}
	}
	return n
}

// check returns what is wrong with what was seen, by the rules of deploy/upgrades.
func (t *timeline) check(asked, approved time.Time) []string {
	of, problems := t.checkEach()
	if len(problems) > 0 {
		return problems
	}
	problems = slices.Concat(checkOrder(of), checkApart(of), t.checkSoaked(of))
	if approved.IsZero() || asked.IsZero() || of[careful].planned.Before(approved) {
		problems = append(problems, fmt.Sprintf("%s was asked for at %s, approved at %s and planned at %s",
			careful, asked.Format(minute), approved.Format(minute), of[careful].planned.Format(minute)))
	}
	return problems
}

// checkEach returns the upgrades by their units, each of which has to have one.
func (t *timeline) checkEach() (of map[string]upgrade, problems []string) {
	of = map[string]upgrade{}
	for _, u := range t.upgrades {
		if _, twice := of[u.unit]; twice {
			problems = append(problems, u.unit+" was upgraded twice")
		}
		if u.version != newest || u.done.IsZero() || u.done.Before(u.begins) {
			problems = append(problems, fmt.Sprintf("%s was to go to %s at %s, and ended wrong", u.unit, u.version, u.begins.Format(minute)))
		}
		of[u.unit] = u
	}
	for _, unit := range slices.Sorted(maps.Keys(t.units)) {
		if _, there := of[unit]; !there {
			problems = append(problems, unit+" was not upgraded")
		}
	}
	return of, problems
}

// checkOrder looks at sectors, at what bank inherits, and at node pools.
func checkOrder(of map[string]upgrade) (problems []string) {
	for _, order := range []struct{ before, after []string }{
		{[]string{"dev-1", "dev-2"}, []string{"stage-1", "stage-2"}},
		{[]string{"stage-1", "stage-2"}, []string{"prod-1", "prod-2", "prod-3"}},
		{[]string{"prod-1", "prod-2", "prod-3"}, []string{"bank-canary"}},
		{[]string{"bank-canary"}, []string{"bank-1", "bank-2", "bank-3", "bank-hosted"}},
		{[]string{"bank-hosted"}, []string{"bank-hosted/workers-1"}},
		{[]string{"bank-hosted/workers-1"}, []string{"bank-hosted/workers-2"}},
	} {
		for _, before := range order.before {
			for _, after := range order.after {
				if of[after].planned.Before(of[before].ends()) {
					problems = append(problems, fmt.Sprintf("%s was planned at %s, before %s was done", after, of[after].planned.Format(minute), before))
				}
			}
		}
	}
	return problems
}

// checkApart looks at mutexes, and at a sector with room for one.
func checkApart(of map[string]upgrade) (problems []string) {
	for _, apart := range [][]string{{"stage-1", "stage-2"}, {"prod-1", "prod-2", "prod-3"}, {"bank-1", "bank-2"}} {
		for i, a := range apart {
			for _, b := range apart[i+1:] {
				if of[a].planned.Before(of[b].ends()) && of[b].planned.Before(of[a].ends()) {
					problems = append(problems, fmt.Sprintf("%s and %s were upgraded at once", a, b))
				}
			}
		}
	}
	return problems
}

func (t *timeline) checkSoaked(of map[string]upgrade) (problems []string) {
	wanted := map[string]float64{
		"stage-1": 3, "stage-2": 3, "prod-1": 12, "prod-2": 12, "prod-3": 12, "bank-canary": 6, "bank-1": 14, "bank-2": 14, "bank-3": 14, "bank-hosted": 14,
	}
	for _, unit := range slices.Sorted(maps.Keys(wanted)) {
		if soaked := t.soaked(of[unit]); soaked < wanted[unit] {
			problems = append(problems, fmt.Sprintf("%s was planned when its version had soaked for %.1f of %.0f days", unit, soaked, wanted[unit]))
		}
	}
	return problems
}

// soaked are the days that the version of an upgrade had run on clusters when it was planned. Those of bank count for bank
// alone.
func (t *timeline) soaked(u upgrade) float64 {
	days := 0.0
	for _, other := range t.upgrades {
		counts := !strings.Contains(other.unit, "/") && (other.organization == u.organization || u.organization == "bank")
		if counts && other.done.Before(u.planned) {
			days += u.planned.Sub(other.done).Hours() / 24
		}
	}
	return days
}

// table shows the upgrades in their order.
func (t *timeline) table() string {
	ordered := slices.Clone(t.upgrades)
	slices.SortStableFunc(ordered, func(a, b upgrade) int {
		return cmp.Or(a.begins.Compare(b.begins), cmp.Compare(a.unit, b.unit))
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%-6s%-24s%-9s%-23s%-23s%s\n", "org", "cluster", "to", "planned", "begins", "seen to be done")
	for _, u := range ordered {
		done := "never"
		if !u.done.IsZero() {
			done = u.done.Format(minute)
		}
		fmt.Fprintf(&b, "%-6s%-24s%-9s%-23s%-23s%s\n", u.organization, u.unit, u.version, u.planned.Format(minute), u.begins.UTC().Format(minute), done)
	}
	return b.String()
}
