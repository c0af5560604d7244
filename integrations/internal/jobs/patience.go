package jobs

import (
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// pace is the least time in which something can have come of a Job.
const pace = 15 * time.Second

// Patient ends an attempt. What is not there yet is waited for, and what waits is not looked at before something can have
// come of it.
func Patient(stand plan.Stand, err error, now time.Time) (plan.Stand, error) {
	if apierr.Is(err, apierr.NotYet) {
		stand, err = plan.Waiting("%v", err), nil
	}
	if err == nil && stand.Phase == plan.PhaseWaiting && stand.NotBefore == nil {
		stand = stand.Until(now.Add(pace))
	}
	return stand, err
}
