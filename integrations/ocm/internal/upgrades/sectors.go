package upgrades

import (
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// group puts the units into their sectors, and the sectors into their order.
func (f *Fleet) group(faults *Faults) {
	for _, s := range f.organization.Sectors {
		f.sectors[s.Name] = &sector{Sector: s}
	}
	for _, s := range f.organization.Sectors {
		for _, name := range s.Dependencies {
			before := f.sectors[name]
			if before == nil {
				faults.Organization = append(faults.Organization, fmt.Sprintf("sector %s depends on sector %s, which is not there", s.Name, name))
				continue
			}
			f.sectors[s.Name].before = append(f.sectors[s.Name].before, before)
		}
	}
	for _, s := range f.organization.Sectors {
		if f.sectors[s.Name].comesBefore(f.sectors[s.Name], map[*sector]bool{}) {
			faults.Organization = append(faults.Organization, fmt.Sprintf("sector %s depends on itself, by way of its dependencies", s.Name))
		}
	}
	for _, u := range f.units {
		name := u.Conditions.Sector
		if name == "" {
			continue
		}
		if u.sector = f.sectors[name]; u.sector == nil {
			faults.Organization = append(faults.Organization, fmt.Sprintf("there is no sector %s", name))
			faults.ofCluster(u.Cluster, apierr.Errorf(apierr.Invalid, "it is in sector %s, which is not there", name))
			continue
		}
		u.sector.units = append(u.sector.units, u)
	}
	for _, s := range f.organization.Sectors {
		var err error
		in := f.sectors[s.Name]
		if in.most, in.limited, err = s.limit(len(in.units)); err != nil {
			faults.Organization = append(faults.Organization, err.Error())
		}
	}
}

// comesBefore says whether s is among the sectors that goal depends on, however far down.
func (s *sector) comesBefore(goal *sector, seen map[*sector]bool) bool {
	for _, before := range goal.before {
		if before == s {
			return true
		}
		if !seen[before] {
			seen[before] = true
			if s.comesBefore(before, seen) {
				return true
			}
		}
	}
	return false
}

// behind finds a sector that goes before s and in which a cluster with the workload runs a version below the given one. Of
// each line of dependencies the first sector counts in which the workload runs at all.
//
// Differs from the reference: for an add-on the versions of the add-on are compared; there those of its clusters are, so
// that its sectors have no order.
func (s *sector) behind(version, workload string) (in *sector, lowest string) {
	for _, before := range s.nearest(workload, map[*sector]bool{}) {
		for _, u := range before.units {
			if u.runs(workload) && compareVersions(u.Current(), version) < 0 && (lowest == "" || compareVersions(u.Current(), lowest) < 0) {
				in, lowest = before, u.Current()
			}
		}
	}
	return in, lowest
}

// nearest are the first sectors down the dependencies in which the workload runs.
func (s *sector) nearest(workload string, seen map[*sector]bool) []*sector {
	var found []*sector
	for _, before := range s.before {
		if seen[before] {
			continue
		}
		seen[before] = true
		if slices.ContainsFunc(before.units, func(u *unit) bool { return u.runs(workload) }) {
			found = append(found, before)
		} else {
			found = append(found, before.nearest(workload, seen)...)
		}
	}
	return found
}

func (u *unit) runs(workload string) bool { return slices.Contains(u.Workloads, workload) }
