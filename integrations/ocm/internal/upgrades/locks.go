package upgrades

import "fmt"

// taken is what clusters in upgrade keep from others.
type taken struct {
	// mutexes are the names of the clusters that hold them.
	mutexes map[string]string
	// upgrading are the clusters in upgrade, by sector.
	upgrading map[*sector]map[string]bool
}

// taken is what the clusters hold that have a policy now.
func (f *Fleet) taken(policies []Policy) *taken {
	t := &taken{mutexes: map[string]string{}, upgrading: map[*sector]map[string]bool{}}
	for _, u := range f.units {
		if len(u.own(policies)) > 0 {
			t.by(u)
		}
	}
	return t
}

// by notes that a unit is in upgrade.
func (t *taken) by(u *unit) {
	for _, mutex := range u.mutexes() {
		t.mutexes[mutex] = u.Cluster.Name
	}
	if u.sector == nil {
		return
	}
	if t.upgrading[u.sector] == nil {
		t.upgrading[u.sector] = map[string]bool{}
	}
	t.upgrading[u.sector][u.Cluster.ID] = true
}

// mutex says which mutex keeps the unit waiting, "" where none does.
func (t *taken) mutex(u *unit) string {
	for _, mutex := range u.mutexes() {
		if holder, held := t.mutexes[mutex]; held {
			return fmt.Sprintf("mutex %s is held by cluster %s", mutex, holder)
		}
	}
	return ""
}

// sector says whether the unit waits for others of its sector. The first one never does.
func (t *taken) sector(u *unit) string {
	if u.sector == nil || !u.sector.limited || len(t.upgrading[u.sector]) < u.sector.most {
		return ""
	}
	return fmt.Sprintf("sector %s has %d clusters in upgrade, and maxParallelUpgrades is %s", u.sector.Name, len(t.upgrading[u.sector]), u.sector.MaxParallelUpgrades)
}
