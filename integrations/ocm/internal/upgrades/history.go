package upgrades

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// VersionData are for how long versions have run on an organisation's clusters. Their JSON is what the reference keeps in
// state.
type VersionData struct {
	// CheckIn is when the clusters were counted last; zero before the first time.
	CheckIn time.Time
	// Versions are the histories by version.
	Versions map[string]VersionHistory
	// Stats is nil before the first cluster was counted.
	Stats *Stats
}

// VersionHistory is the history of a version by workload.
type VersionHistory struct {
	Workloads map[string]*WorkloadHistory `json:"workloads"`
}

// WorkloadHistory is how long a version has run with a workload.
type WorkloadHistory struct {
	// SoakDays are added up over clusters: two clusters soak twice as fast.
	SoakDays float64 `json:"soak_days"`
	// Reporting are the names of the clusters that ran the version when they were counted, at any time.
	Reporting []string `json:"reporting"`
}

// Stats are the lowest versions that run in an organisation.
type Stats struct {
	MinVersion            string            `json:"min_version"`
	MinVersionPerWorkload map[string]string `json:"min_version_per_workload"`
	// Inherited are those of the organisations that data are inherited from. They are not kept in state.
	Inherited *Stats `json:"inherited,omitempty"`
}

// Report is what a cluster contributes to the version data when it is counted.
type Report struct {
	Cluster   string   `json:"cluster"`
	Version   string   `json:"version"`
	Workloads []string `json:"workloads"`
	// Ill says that the cluster is not healthy: it then adds no soak days, and still counts for the lowest versions.
	Ill bool `json:"ill,omitempty"`
}

// Reports are those of the specs.
func Reports(specs []Spec) []Report {
	reports := make([]Report, len(specs))
	for i, s := range specs {
		reports[i] = Report{Cluster: s.Cluster.Name, Version: s.Current(), Workloads: s.Workloads, Ill: len(s.Enforced()) > 0}
	}
	return reports
}

// Count adds to each version the time since the last check-in for each healthy cluster that ran it then and now, and
// takes down which ones run it now. However often it is called, time counts once: what it adds is the time that has passed
// since the call before.
func (d *VersionData) Count(reports []Report, now time.Time) {
	since := time.Duration(0)
	if !d.CheckIn.IsZero() {
		since = now.Sub(d.CheckIn)
	}
	const secondsADay = 24 * 60 * 60
	for _, report := range reports {
		if report.Ill {
			continue
		}
		for _, workload := range report.Workloads {
			history := d.at(report.Version, workload)
			if slices.Contains(history.Reporting, report.Cluster) {
				history.SoakDays += float64(since.Microseconds()) / 1e6 / secondsADay
			} else {
				history.Reporting = append(history.Reporting, report.Cluster)
			}
		}
	}
	if stats := statsOf(reports); stats != nil {
		d.Stats = stats
	}
	d.CheckIn = now
}

// Covers says whether counting the reports would change nothing but soak days.
func (d *VersionData) Covers(reports []Report) bool {
	for _, report := range reports {
		for _, workload := range report.Workloads {
			if !report.Ill && !slices.Contains(d.History(report.Version, workload).Reporting, report.Cluster) {
				return false
			}
		}
	}
	stats := statsOf(reports)
	return stats == nil || d.Stats != nil && d.Stats.sameMinima(*stats)
}

// History is that of a version with a workload; the zero one where there is none.
func (d *VersionData) History(version, workload string) WorkloadHistory {
	if history := d.Versions[version].Workloads[workload]; history != nil {
		return *history
	}
	return WorkloadHistory{}
}

// at is the history of a version with a workload, made where there is none.
func (d *VersionData) at(version, workload string) *WorkloadHistory {
	if d.Versions == nil {
		d.Versions = map[string]VersionHistory{}
	}
	if d.Versions[version].Workloads == nil {
		d.Versions[version] = VersionHistory{Workloads: map[string]*WorkloadHistory{}}
	}
	workloads := d.Versions[version].Workloads
	if workloads[workload] == nil {
		workloads[workload] = &WorkloadHistory{Reporting: []string{}}
	}
	return workloads[workload]
}

// checkInForms are how state has the time of the last check-in: as it is written now, as it was written once, and with a
// zone.
var checkInForms = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00"}

// stored is the form in state.
type stored struct {
	CheckIn  *string                   `json:"check_in,omitempty"`
	Versions map[string]VersionHistory `json:"versions"`
	Stats    *Stats                    `json:"stats,omitempty"`
}

// MarshalJSON writes the reference's form: the time in UTC without a zone, with microseconds where there are any.
func (d VersionData) MarshalJSON() ([]byte, error) {
	out := stored{Versions: d.Versions, Stats: d.Stats}
	if out.Versions == nil {
		out.Versions = map[string]VersionHistory{}
	}
	if !d.CheckIn.IsZero() {
		form := checkInForms[0]
		if d.CheckIn.Truncate(time.Microsecond).Nanosecond() != 0 {
			form += ".000000"
		}
		text := d.CheckIn.UTC().Format(form)
		out.CheckIn = &text
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the reference's form. A time without a zone is in UTC.
//
// Differs from the reference: a time with a zone is taken for what it is; there it stops the organisation.
func (d *VersionData) UnmarshalJSON(data []byte) error {
	var in stored
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("version data: %w", err)
	}
	*d = VersionData{Stats: in.Stats}
	for version, of := range in.Versions {
		for workload, history := range of.Workloads {
			read := d.at(version, workload)
			if history != nil {
				read.SoakDays, read.Reporting = history.SoakDays, append(read.Reporting, history.Reporting...)
			}
		}
	}
	if in.CheckIn == nil {
		return nil
	}
	for _, form := range checkInForms {
		if at, err := time.Parse(form, *in.CheckIn); err == nil {
			d.CheckIn = at.UTC()
			return nil
		}
	}
	return apierr.Errorf(apierr.Invalid, "version data: check_in %q is not a time", *in.CheckIn)
}
