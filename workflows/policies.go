package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Profile names how long an integration's steps may take and how patiently they are retried.
type Profile string

const (
	// Quick is for steps of a few calls: a minute an attempt, ten minutes in all. It is the default.
	Quick Profile = ""
	// Slow is for steps that read or write much: half an hour an attempt, two hours in all.
	Slow Profile = "slow"
)

const (
	firstRetry  = time.Second
	longestWait = time.Minute
	// heartbeatTimeout is after how long a step whose worker has died is given to another one.
	heartbeatTimeout = 20 * time.Second
)

// options are the activity options of the profile. How often an error is retried is decided by its kind, in the
// activity interceptor; the schedule-to-close timeout bounds all attempts together.
func (s Spec) options(summary string) workflow.ActivityOptions {
	attempt, all := time.Minute, 10*time.Minute
	if s.Profile == Slow {
		attempt, all = 30*time.Minute, 2*time.Hour
	}
	return workflow.ActivityOptions{
		TaskQueue:              s.ActivityQueue,
		StartToCloseTimeout:    attempt,
		ScheduleToCloseTimeout: all,
		HeartbeatTimeout:       cmp.Or(s.HeartbeatTimeout, heartbeatTimeout),
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    cmp.Or(s.FirstRetry, firstRetry),
			BackoffCoefficient: 2,
			MaximumInterval:    longestWait,
		},
	}
}
