package views

import (
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/workflows"
)

// State sums up how an integration is.
type State string

// The states. Of several that hold, the first one counts.
const (
	// Stuck means that a run goes on and none of its steps ends.
	Stuck State = "stuck"
	// Failing means that the last run did not end well.
	Failing State = "failing"
	// Held means that changes wait for a person's decision.
	Held State = "held"
	// Paused means that its schedule is.
	Paused State = "paused"
	// Waiting means that changes wait for others.
	Waiting State = "waiting"
	// Begun means that the first run goes on.
	Begun State = "running"
	// Never means that Temporal knows no run.
	Never State = "never"
	OK    State = "ok"
)

// States are all of them, the most urgent first.
func States() []State {
	return []State{Stuck, Failing, Held, Paused, Waiting, Begun, Never, OK}
}

// Unit is what one schedule runs: an integration, or a shard of it.
type Unit struct {
	State State `json:"state"`
	// Since is when the last run before the state ended, or when what the state is about began. It is nil where nobody knows.
	Since *time.Time `json:"since,omitempty"`
	// Longer says that the state began before Since, at a time of which Temporal keeps nothing.
	Longer bool `json:"longer,omitempty"`
	// Last is the last run that has ended, Running the one that goes on.
	Last    *Run       `json:"last,omitempty"`
	Running *Run       `json:"running,omitempty"`
	Next    *time.Time `json:"next,omitempty"`
	// Schedule is "every 10m" or "calendar"; "" where there is none.
	Schedule string `json:"schedule,omitempty"`
	// Paused says that a person has paused the schedule, and PausedNote is what that person noted.
	Paused     bool   `json:"paused,omitempty"`
	PausedNote string `json:"pausedNote,omitempty"`
}

// unitOf puts together what is known of a schedule and of its runs. What concerns the whole integration is added by the
// caller.
func unitOf(scheduled schedule, runs *latest) Unit {
	u := Unit{Last: runs.last, Running: runs.running, Schedule: scheduled.every, Next: scheduled.next, Paused: scheduled.paused}
	if u.Paused {
		u.PausedNote = scheduled.note
	}
	switch {
	case u.Running != nil && u.Running.Outcome == string(workflows.Stuck):
		u.State, u.Since = Stuck, &u.Running.Started
	case u.Last != nil && !u.Last.Well():
		u.State = Failing
	case u.Paused:
		u.State = Paused
	case u.Last != nil && u.Last.Outcome == string(workflows.Waiting):
		u.State = Waiting
	case u.Last != nil:
		u.State = OK
	case u.Running != nil:
		u.State, u.Since = Begun, &u.Running.Started
	default:
		u.State = Never
	}
	if u.State != Failing && u.State != OK && u.State != Waiting {
		return u
	}
	switch {
	case runs.before != nil:
		u.Since = runs.before.Ended
	case u.State == Failing:
		u.Since, u.Longer = runs.oldest.Ended, true
	}
	return u
}

// worse says whether a state is more urgent than another.
func worse(a, b State) bool {
	return slices.Index(States(), a) < slices.Index(States(), b)
}

// become takes a state where it is more urgent.
func (u *Unit) become(state State, since time.Time) {
	if worse(state, u.State) {
		u.State, u.Since, u.Longer = state, &since, false
	}
}

// together sums shards up: the state is the most urgent, the last run the latest, the next one the earliest.
func together(shards []Shard) Unit {
	sum := shards[0].Unit
	for _, shard := range shards[1:] {
		if worse(shard.State, sum.State) {
			sum.State, sum.Since, sum.Longer = shard.State, shard.Since, shard.Longer
		} else if shard.State == sum.State && shard.Since != nil && (sum.Since == nil || shard.Since.Before(*sum.Since)) {
			sum.Since, sum.Longer = shard.Since, shard.Longer
		}
		if shard.Last != nil && (sum.Last == nil || shard.Last.Ended.After(*sum.Last.Ended)) {
			sum.Last = shard.Last
		}
		if shard.Running != nil && (sum.Running == nil || shard.Running.Started.Before(sum.Running.Started)) {
			sum.Running = shard.Running
		}
		if shard.Next != nil && (sum.Next == nil || shard.Next.Before(*sum.Next)) {
			sum.Next = shard.Next
		}
		if shard.Paused && !sum.Paused {
			sum.Paused, sum.PausedNote = true, shard.PausedNote
		}
	}
	return sum
}
