package upgrades

import (
	"time"

	"github.com/app-sre/qontract-temporal/internal/crontab"
)

const (
	// clusterLead is how far ahead an upgrade of a cluster has to be for OCM to accept it, with a minute to spare.
	clusterLead = 6 * time.Minute
	// clusterWindow is how far ahead one is made at the most.
	clusterWindow = 2 * time.Hour
	// addonLead and addonWindow are those of add-ons, whose upgrades OCM begins at once.
	addonLead   = time.Minute
	addonWindow = 10 * time.Minute
)

// Next returns when an upgrade would begin that is scheduled now: the next time that the schedule hits, if that is far
// enough ahead for OCM and not further than the window in which upgrades are made. Due is false where it is further.
func (s Spec) Next(now time.Time) (at time.Time, due bool, err error) {
	schedule, err := crontab.Parse(s.Schedule)
	if err != nil {
		return time.Time{}, false, err
	}
	lead, window := clusterLead, clusterWindow
	if s.Addon != nil {
		lead, window = addonLead, addonWindow
	}
	at = schedule.Next(now.UTC().Add(lead))
	return at, !at.IsZero() && at.Sub(now) <= window, nil
}
