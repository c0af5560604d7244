package fleet

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Change is what has to be done to one schedule.
type Change struct {
	Action plan.Action
	// ID is the schedule's.
	ID string
	// Differences are what an update changes, or else one line about what is made, or why it goes.
	Differences []string
	// Want is what is made of it, and Is what is there; one of them is empty for what is made or goes.
	Want, Is Schedule
}

// String is the change in one line, such as "update schedule quay-membership: every 10m -> every 5m".
func (c Change) String() string {
	return string(c.Action) + " schedule " + c.ID + ": " + strings.Join(c.Differences, "; ")
}

// Kept is a schedule that nobody wants, as far as can be told, and that stays since its integration has a problem.
type Kept struct {
	ID, Integration string
}

// Changes compares with the schedules that are there, all of them ours. They are sorted by ID.
func (f Fleet) Changes(current []Schedule) (changes []Change, kept []Kept) {
	is := map[string]Schedule{}
	for _, s := range current {
		is[s.ID] = s
	}
	for _, want := range f.Schedules {
		live, there := is[want.ID]
		delete(is, want.ID)
		if !there {
			changes = append(changes, Change{Action: plan.Create, ID: want.ID, Differences: want.describe(), Want: want})
		} else if differences := want.Differences(live); len(differences) > 0 {
			changes = append(changes, Change{Action: plan.Update, ID: want.ID, Differences: differences, Want: want, Is: live})
		}
	}
	for _, live := range is {
		if f.Troubled(live.Integration) {
			kept = append(kept, Kept{live.ID, live.Integration})
			continue
		}
		changes = append(changes, Change{Action: plan.Delete, ID: live.ID, Differences: []string{f.why(live)}, Is: live})
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(kept, func(a, b Kept) int { return strings.Compare(a.ID, b.ID) })
	return changes, kept
}

// describe is what a new schedule is like.
func (s Schedule) describe() []string {
	lines := []string{s.Timing.String()}
	if len(s.Args) > 0 {
		lines = append(lines, Flags(s.Args))
	}
	if s.DryRun {
		lines = append(lines, "dry run")
	}
	if s.Pause != nil {
		lines = append(lines, "paused: "+s.Pause.Reason)
	}
	return lines
}

// why is why nobody wants a schedule.
func (f Fleet) why(s Schedule) string {
	for _, name := range []string{s.ID, s.Integration} {
		if i := slices.IndexFunc(f.LeftOut, func(l LeftOut) bool { return l.Name == name }); i >= 0 {
			return f.LeftOut[i].Reason
		}
	}
	if f.runs(s.Integration) {
		return "its integration no longer has this shard"
	}
	return "this program has no integration " + s.Integration
}

func (f Fleet) runs(integration string) bool {
	return slices.ContainsFunc(f.Units, func(u Unit) bool { return u.Integration == integration })
}
