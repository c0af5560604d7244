package activities

import (
	"time"

	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// blocked are the deletes that did not run, of the latest comparison of each scope.
var blocked = metrics.Gauge{
	Name: "qontract_temporal_deletions_blocked", Help: "Deletes that a guard holds, or that are left out because of faults in the desired state.",
	Labels: []string{"integration", "scope", "reason"},
}

// measureBlocked counts the deletes of a comparison that are not among what is to be done.
func measureBlocked(scope *metrics.Scope, s plan.Scope, compared, guarded plan.Plan) {
	held := 0
	for _, h := range guarded.Held {
		if h.Action == plan.Delete {
			held++
		}
	}
	if held > 0 {
		scope.Set(blocked, float64(held), s.Integration, s.Name, "held")
	}
	if left := deletes(compared) - deletes(guarded) - held; left > 0 {
		scope.Set(blocked, float64(left), s.Integration, s.Name, "faults")
	}
}

func deletes(p plan.Plan) int {
	count := 0
	for _, change := range p.Changes {
		if change.Action == plan.Delete {
			count++
		}
	}
	return count
}

// landed notes that a change is in place. What is not pinned to a bundle that says when it was committed is not timed.
func landed(runs Runs, step string, s plan.Scope) {
	if runs != nil && s.Bundle.Timestamp > 0 {
		runs.Landed(step, s.Integration, time.Since(time.Unix(s.Bundle.Timestamp, 0)))
	}
}
