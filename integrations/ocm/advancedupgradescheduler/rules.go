package advancedupgradescheduler

import (
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/crontab"
)

// cluster is a cluster with the rules of its labels. Where faults are found in them it must not be used.
func (l *labels) cluster(c ocmapi.Cluster) scheduling.Cluster {
	ruled := scheduling.Cluster{
		Cluster:    c,
		Conditions: upgrades.Conditions{SoakDays: l.days(soakDays), Mutexes: l.list(mutexes), Sector: l.values[sector], BlockedVersions: l.list(blockedVersions)},
		Workloads:  l.requiredList(workloads),
	}
	if text, there := l.required(schedule); there {
		ruled.Schedule = text
		if _, err := crontab.Parse(text); err != nil {
			l.fault(schedule, "%v", err)
		}
	}
	if l.flag(approval) {
		ruled.Approval = "the label " + approval + " of the cluster asks for it"
	}
	return ruled
}

// sectors are those that the labels of an organisation name, sorted.
//
// Differs from the reference: a sector with nothing but a limit of upgrades in parallel is one too. There it is not there,
// and the limit of a sector without dependencies cannot be given.
func (l *labels) sectors() []upgrades.Sector {
	before, most := l.named(sectorDeps), l.named(sectorMost)
	names := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(most)))
	for _, text := range before {
		names = append(names, split(text)...)
	}
	var sectors []upgrades.Sector
	for _, name := range distinct(names) {
		sectors = append(sectors, upgrades.Sector{Name: name, Dependencies: split(before[name]), MaxParallelUpgrades: most[name]})
	}
	return sectors
}
