package openshiftsaasdeploytriggercleaner

import (
	"cmp"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const day = 24 * time.Hour

// found is a run as its cluster has it.
type found struct {
	Run

	created time.Time
	// ended says that it has come to its end, well or not.
	ended bool
}

// vet refuses a retention that makes no sense.
//
// Differs from the reference: a retention that sets nothing, or a number below zero, is refused. There the first one deletes
// all runs, and the second one counts them from the wrong end.
func (r Retention) vet() error {
	set := false
	for _, limit := range []struct {
		name  string
		value *int
	}{{"days", r.Days}, {"minimum", r.Minimum}, {"maximum", r.Maximum}} {
		if number(limit.value) < 0 {
			return apierr.Errorf(apierr.Invalid, "its retention has %d for %s: set a number above zero", *limit.value, limit.name)
		}
		set = set || number(limit.value) > 0
	}
	if !set {
		return apierr.Errorf(apierr.Invalid, "its retention would keep no run: set days, minimum or maximum")
	}
	return nil
}

// expired are the runs of a namespace that are not kept. With a minimum, so many of the newest ones are kept, however old
// they are; else with a maximum no more than so many are. All others are kept until they are some days old, and where no days
// are set they are not.
//
// Differs from the reference: a run that has not ended yet is deleted for its age alone. There a new rollout, or one that
// takes its time, may be broken off.
func (r Retention) expired(runs []found, now time.Time) []found {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b found) int { return cmp.Or(b.created.Compare(a.created), cmp.Compare(a.Name, b.Name)) })
	days, minimum, maximum := number(r.Days), number(r.Minimum), number(r.Maximum)
	var gone []found
	for i, run := range runs {
		if i < minimum {
			continue
		}
		surplus := days == 0 || minimum == 0 && maximum > 0 && i >= maximum
		old := days > 0 && now.Sub(run.created) >= time.Duration(days)*day
		if old || surplus && run.ended {
			gone = append(gone, run)
		}
	}
	return gone
}

func number(value *int) int {
	if value == nil {
		return 0
	}
	return *value
}
