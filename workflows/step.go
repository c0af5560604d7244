package workflows

import (
	"cmp"
	"time"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// StepState is where a change of a long-running scope stands.
type StepState string

// The states of a step. Pending, waiting and blocked ones are open.
const (
	// StepPending has not begun: it is its turn, or steps before it are open.
	StepPending StepState = "pending"
	// StepWaiting waits for somebody else's system, and is looked at again and again.
	StepWaiting StepState = "waiting"
	// StepBlocked waits for a person, or for other data.
	StepBlocked StepState = "blocked"
	// StepFailed is tried again by the next run.
	StepFailed  StepState = "failed"
	StepDone    StepState = "done"
	StepSkipped StepState = "skipped"
)

// StepProgress says where a change of a long-running scope stands, and since when.
type StepProgress struct {
	Key     string    `json:"key"`
	Summary string    `json:"summary"`
	State   StepState `json:"state"`
	// Words say what it waits for, what a person is to do, or why it failed.
	Words string    `json:"words,omitempty"`
	Since time.Time `json:"since"`
	// Tries counts how often it was begun or looked at.
	Tries int `json:"tries,omitempty"`
	// Next is when it is looked at again; nil where nothing is planned.
	Next *time.Time `json:"next,omitempty"`
}

// Step is a change of a long-running scope and where it stands.
type Step struct {
	Change plan.Raw `json:"change"`
	StepProgress
	// Kind is that of the error of a failed step.
	Kind string `json:"kind,omitempty"`
	// Pause is the latest pause between two looks.
	Pause time.Duration `json:"pause,omitempty"`
	// Wake says that it is looked at whenever its turn comes.
	Wake bool `json:"wake,omitempty"`
	// Late says that it takes longer than it should.
	Late bool `json:"late,omitempty"`
	// Reported says that a run has been told of its end.
	Reported bool `json:"reported,omitempty"`

	// afresh, skip and refusal are of the messages that are being answered.
	afresh  bool
	skip    *StepDecision
	refusal error
}

func newStep(change plan.Raw, now time.Time) *Step {
	return &Step{Change: change, Wake: true, StepProgress: StepProgress{Key: change.Key, Summary: change.Summary, State: StepPending, Since: now}}
}

// open says whether the step needs more.
func (s *Step) open() bool {
	return s.State == StepPending || s.State == StepWaiting || s.State == StepBlocked
}

// closed says whether steps of later waves may begin.
func (s *Step) closed() bool { return s.State == StepDone || s.State == StepSkipped }

// become notes where the step stands. Since stays what it was while the state does.
func (s *Step) become(state StepState, words string, now time.Time) {
	if state != s.State {
		s.Since = now
	}
	s.State, s.Words, s.Next = state, words, nil
}

const (
	// firstLook and longestLook bound the pauses between two looks at a step that waits. They double.
	firstLook   = 5 * time.Second
	longestLook = time.Hour
	// briefLooks is how many looks a run stays for before it ends and leaves the step to the scope's workflow.
	briefLooks = 4
	// waitingDeadline is how long a step waits at most. The next run begins anew to wait.
	waitingDeadline = 30 * 24 * time.Hour
)

// lookAgain plans the next look: after a pause, and not before the time that is given. The clock of the step that names
// the time may differ from that of the workflow, so there always is a pause. Within, where it is given, is the longest; a
// run leaves the step all the same.
func (s *Step) lookAgain(first, within time.Duration, notBefore *time.Time, now time.Time) {
	s.Pause = min(2*s.Pause, longestLook)
	if s.Pause == 0 {
		s.Pause = first
	}
	if within > 0 {
		s.Pause = min(s.Pause, max(within, first<<briefLooks))
	}
	if notBefore != nil {
		s.Pause = max(s.Pause, notBefore.Sub(now))
	}
	next := now.Add(s.Pause)
	s.Next = &next
}

// patient says whether a run need not stay for the step any more.
func (s *Step) patient(first time.Duration) bool {
	switch s.State {
	case StepWaiting:
		return s.Pause >= first<<briefLooks
	case StepPending:
		return !s.Wake
	case StepBlocked, StepFailed, StepDone, StepSkipped:
	}
	return !s.Wake
}

// deadline is when an open step fails because nothing came of it; zero where it need not.
func (s *Step) deadline(blocked time.Duration) time.Time {
	switch s.State {
	case StepWaiting:
		return s.Since.Add(waitingDeadline)
	case StepBlocked:
		return s.Since.Add(cmp.Or(blocked, approvalDeadline))
	case StepPending, StepFailed, StepDone, StepSkipped:
	}
	return time.Time{}
}

// outcome is what a run is told of the step.
func (s *Step) outcome() Outcome {
	switch s.State {
	case StepDone, StepSkipped:
		return Success
	case StepBlocked, StepFailed:
		return Failed
	case StepPending, StepWaiting:
	}
	return Waiting
}
