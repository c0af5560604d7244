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

// limits are how long an attempt of a step may take, and all of them together.
func (s Spec) limits() (attempt, all time.Duration) {
	if s.Profile == Slow {
		return 30 * time.Minute, 2 * time.Hour
	}
	return time.Minute, 10 * time.Minute
}

// options are the activity options of the profile. How often an error is retried is decided by its kind, in the
// activity interceptor; the schedule-to-close timeout bounds all attempts together.
func (s Spec) options(summary string) workflow.ActivityOptions {
	attempt, all := s.limits()
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
