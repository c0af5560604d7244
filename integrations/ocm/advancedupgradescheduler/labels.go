package advancedupgradescheduler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// prefix is that of all labels about upgrades. A cluster that has one of them is to be upgraded by them.
const prefix = "sre-capabilities.aus."

// The labels of clusters, which are on their subscriptions.
const (
	soakDays  = prefix + "soak-days"
	workloads = prefix + "workloads"
	schedule  = prefix + "schedule"
	mutexes   = prefix + "mutexes"
	sector    = prefix + "sector"
)

// The labels of organisations. The name of a sector stands behind the keys about sectors.
const (
	sectorDeps    = prefix + "sector-deps."
	sectorMost    = prefix + "sector-max-parallel-upgrades."
	inheritData   = prefix + "version-data.inherit"
	publishesData = prefix + "version-data.publish"
)

// The labels of both.
const (
	blockedVersions = prefix + "blocked-versions"
	// approval says that a person has to approve each upgrade. The reference does not know it.
	approval = prefix + "approval"
)

// labels are those of an organisation or a cluster, by their keys, with what was found wrong in reading them.
type labels struct {
	values map[string]string
	faults []string
}

// fault notes what is wrong with a label, in the form in which owners are told.
func (l *labels) fault(key, format string, args ...any) {
	l.faults = append(l.faults, "label "+key+": "+fmt.Sprintf(format, args...))
}

// required is a label without which there are no rules.
func (l *labels) required(key string) (string, bool) {
	value, there := l.values[key]
	if !there {
		l.fault(key, "is missing")
	}
	return value, there
}

func (l *labels) days(key string) int {
	text, there := l.required(key)
	if !there {
		return 0
	}
	days, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || days < 0 {
		l.fault(key, "%q is no number of days: give 0 or more", text)
	}
	return days
}

// list is a label with commas between its values.
//
// Differs from the reference: blanks around a value, and empty ones, are left out. There an empty value is one: that of
// blocked versions blocks them all.
func (l *labels) list(key string) []string { return split(l.values[key]) }

func split(text string) []string {
	var values []string
	for value := range strings.SplitSeq(text, ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

func (l *labels) requiredList(key string) []string {
	if _, there := l.required(key); !there {
		return nil
	}
	values := l.list(key)
	if len(values) == 0 {
		l.fault(key, "it has no value: give at least one")
	}
	return values
}

// flag is a label that is true or false.
func (l *labels) flag(key string) bool {
	value, there := l.values[key]
	if !there {
		return false
	}
	set, err := strconv.ParseBool(value)
	if err != nil {
		l.fault(key, "%q is neither true nor false", value)
	}
	return set
}

// named are the labels whose keys begin so, by what stands behind it.
func (l *labels) named(begin string) map[string]string {
	found := map[string]string{}
	for key, value := range l.values {
		if name, is := strings.CutPrefix(key, begin); is && name != "" {
			found[name] = value
		}
	}
	return found
}

// about says whether there is a label about upgrades.
func (l *labels) about() bool {
	for key := range l.values {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// distinct are the values sorted, each once.
func distinct(values []string) []string { return slices.Compact(slices.Sorted(slices.Values(values))) }
