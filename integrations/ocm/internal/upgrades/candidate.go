package upgrades

import (
	"fmt"
	"slices"
	"strings"
)

// Candidate returns the highest version that OCM offers and all conditions allow, or "" and, for each version, why not.
func (f *Fleet) Candidate(s Spec, data VersionData) (version, why string) {
	for _, u := range f.units {
		if u.sameAs(s) {
			return u.candidate(data)
		}
	}
	return "", "it is not among the organisation's clusters"
}

func (u *unit) sameAs(s Spec) bool {
	return u.Cluster.ID == s.Cluster.ID && (u.Addon == nil || s.Addon != nil && u.Addon.ID == s.Addon.ID)
}

func (u *unit) candidate(data VersionData) (version, why string) {
	offered := slices.Clone(u.Available())
	slices.SortStableFunc(offered, func(a, b string) int { return compareVersions(b, a) })
	var obstacles []string
	for _, version := range offered {
		obstacle := u.obstacle(version, data)
		if obstacle == "" {
			return version, ""
		}
		obstacles = append(obstacles, version+" "+obstacle)
	}
	if len(obstacles) == 0 {
		return "", fmt.Sprintf("OCM offers no version above %s", u.Current())
	}
	return "", strings.Join(obstacles, "; ")
}

// obstacle says what stands between the unit and a version, "" where nothing does. Which clusters are to be upgraded at
// the same time is no part of it.
func (u *unit) obstacle(version string, data VersionData) string {
	if _, err := parseVersion(version); err != nil {
		return "is no version that can be compared"
	}
	if by := blocks(u.blocked, u.Addon, version); by != "" {
		return "is blocked by " + by
	}
	if u.sector != nil {
		if lowest := data.Stats.behind(version, u.Workloads); lowest != "" {
			return fmt.Sprintf("waits for the organisations that are inherited from, which still run %s", lowest)
		}
		for _, workload := range u.Workloads {
			if in, lowest := u.sector.behind(version, workload); in != nil {
				return fmt.Sprintf("waits for sector %s, which still runs %s with workload %s", in.Name, lowest, workload)
			}
		}
	}
	for _, workload := range u.Workloads {
		if soaked := data.History(version, workload).SoakDays; float64(u.Conditions.SoakDays) > soaked {
			return fmt.Sprintf("has soaked %.2f of %d days with workload %s", soaked, u.Conditions.SoakDays, workload)
		}
	}
	return ""
}
