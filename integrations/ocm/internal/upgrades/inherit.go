package upgrades

import "maps"

// Inherit adds the version data of another organisation, of the workloads that are known here. Its clusters are named
// <from>/<cluster>, from being <environment>/<organisation>. What was inherited is for decisions only and must not be
// stored.
func (d *VersionData) Inherit(other VersionData, from string) {
	known := map[string]bool{}
	for _, version := range d.Versions {
		for workload := range version.Workloads {
			known[workload] = true
		}
	}
	for version, of := range other.Versions {
		for workload, history := range of.Workloads {
			if !known[workload] || history == nil {
				continue
			}
			here := d.at(version, workload)
			here.SoakDays += history.SoakDays
			for _, cluster := range history.Reporting {
				here.Reporting = append(here.Reporting, from+"/"+cluster)
			}
		}
	}
	if d.Stats != nil && other.Stats != nil {
		d.Stats.inherit(*other.Stats)
	}
}

// Clone returns data that share nothing with these.
func (d *VersionData) Clone() VersionData {
	clone := VersionData{CheckIn: d.CheckIn}
	for version, of := range d.Versions {
		for workload, history := range of.Workloads {
			copied := clone.at(version, workload)
			copied.SoakDays, copied.Reporting = history.SoakDays, append(copied.Reporting, history.Reporting...)
		}
	}
	clone.Stats = d.Stats.clone()
	return clone
}

// statsOf are the lowest versions of the clusters, nil where there are none.
func statsOf(reports []Report) *Stats {
	lowest := map[string]string{}
	for _, report := range reports {
		for _, workload := range report.Workloads {
			lower(lowest, workload, report.Version)
		}
	}
	if len(lowest) == 0 {
		return nil
	}
	return &Stats{MinVersion: lowestOf(lowest), MinVersionPerWorkload: lowest}
}

func lowestOf(versions map[string]string) string {
	found := map[string]string{}
	for _, version := range versions {
		lower(found, "", version)
	}
	return found[""]
}

// lower keeps the lower one of a workload's version and another.
func lower(versions map[string]string, workload, version string) {
	if known, ok := versions[workload]; !ok || compareVersions(version, known) < 0 {
		versions[workload] = version
	}
}

// inherit merges the lowest versions of another organisation into those that are inherited.
func (s *Stats) inherit(added Stats) {
	if s.Inherited == nil {
		s.Inherited = &Stats{MinVersion: added.MinVersion, MinVersionPerWorkload: maps.Clone(added.MinVersionPerWorkload)}
		return
	}
	if compareVersions(added.MinVersion, s.Inherited.MinVersion) < 0 {
		s.Inherited.MinVersion = added.MinVersion
	}
	if s.Inherited.MinVersionPerWorkload == nil {
		s.Inherited.MinVersionPerWorkload = map[string]string{}
	}
	for workload, version := range added.MinVersionPerWorkload {
		lower(s.Inherited.MinVersionPerWorkload, workload, version)
	}
}

// behind returns the lowest version of the inherited organisations that is below version for these workloads, "" where
// there is none. For a workload that they do not run the lowest version of all counts.
//
// Differs from the reference: each workload is compared. There a workload that they do not run makes it forget those that
// stood before it in the list.
func (s *Stats) behind(version string, workloads []string) string {
	if s == nil || s.Inherited == nil {
		return ""
	}
	for _, workload := range workloads {
		lowest, known := s.Inherited.MinVersionPerWorkload[workload]
		if !known {
			lowest = s.Inherited.MinVersion
		}
		if compareVersions(version, lowest) > 0 {
			return lowest
		}
	}
	return ""
}

func (s *Stats) sameMinima(other Stats) bool {
	return s.MinVersion == other.MinVersion && maps.Equal(s.MinVersionPerWorkload, other.MinVersionPerWorkload)
}

func (s *Stats) clone() *Stats {
	if s == nil {
		return nil
	}
	return &Stats{MinVersion: s.MinVersion, MinVersionPerWorkload: maps.Clone(s.MinVersionPerWorkload), Inherited: s.Inherited.clone()}
}
