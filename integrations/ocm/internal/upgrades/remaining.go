package upgrades

import (
	"slices"
	"strconv"
	"time"
)

// Values of the gauge of remaining soak days that stand for something else.
const (
	UpgradeScheduled   = -1.0
	UpgradeStarted     = -2.0
	UpgradeLongRunning = -3.0
	VersionBlocked     = -4.0
)

// longRunning is after how long an upgrade is reported as one that does not come to its end.
const longRunning = 6 * time.Hour

// Soaked returns for how many days each version that OCM offers has soaked, for the workload of the spec with which it has
// soaked least, rounded to hundredths. A spec without workloads has none.
func Soaked(s Spec, data VersionData) map[string]float64 {
	soaked := map[string]float64{}
	for _, workload := range s.Workloads {
		for _, version := range s.Available() {
			days := hundredths(data.History(version, workload).SoakDays)
			if least, known := soaked[version]; !known || days < least {
				soaked[version] = days
			}
		}
	}
	return soaked
}

// hundredths rounds half to even of what the number is exactly, as the reference does.
func hundredths(days float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(days, 'f', 2, 64), 64)
	if err != nil {
		return days
	}
	return rounded
}

// Remaining returns how many days each version that OCM offers still has to soak, or what else there is to say of it. A
// version is left out when a later one in OCM's list is ready, scheduled or begun: that one is taken. Upgrade is the
// policy of the cluster or add-on, nil where it has none.
func (f *Fleet) Remaining(s Spec, soaked map[string]float64, upgrade *Policy, now time.Time) map[string]float64 {
	values := map[string]float64{}
	index := slices.IndexFunc(f.units, func(u *unit) bool { return u.sameAs(s) })
	if index < 0 {
		return values
	}
	laterTaken := false
	for _, version := range slices.Backward(s.Available()) {
		value := max(float64(s.Conditions.SoakDays)-soaked[version], 0)
		if upgrade != nil && upgrade.Version == version {
			value = upgrade.progress(value, now)
		} else if blocks(f.units[index].blocked, s.Addon, version) != "" {
			value = VersionBlocked
		}
		if value < 0 || !laterTaken {
			values[version] = value
		}
		laterTaken = laterTaken || value <= 0 && value != VersionBlocked
	}
	return values
}

// progress is the value for the version of an upgrade; otherwise where its state says nothing.
func (p Policy) progress(otherwise float64, now time.Time) float64 {
	switch p.State {
	case Scheduled:
		return UpgradeScheduled
	case Started, Delayed:
		if p.LongRunning(now) {
			return UpgradeLongRunning
		}
		return UpgradeStarted
	}
	return otherwise
}

// Overdue says whether the upgrade ought to have come to its end by now, whatever its state.
func (p Policy) Overdue(now time.Time) bool {
	return !p.NextRun.IsZero() && now.Sub(p.NextRun) >= longRunning
}

// LongRunning says whether the upgrade has been under way for six hours or more.
func (p Policy) LongRunning(now time.Time) bool {
	return (p.State == Started || p.State == Delayed) && p.Overdue(now)
}
