package plan

import (
	"fmt"
	"time"
)

// Phase says how far a change of a long-running integration is.
type Phase string

// The phases that such an integration reports.
const (
	// PhaseDone needs nothing more.
	PhaseDone Phase = "done"
	// PhaseWaiting waits for somebody else's system. It is looked at again and again.
	PhaseWaiting Phase = "waiting"
	// PhaseBlocked waits for a person.
	PhaseBlocked Phase = "blocked"
)

// Stand is where a change stands.
type Stand struct {
	Phase Phase `json:"phase"`
	// Words say what is waited for, or what a person is to do. They hold no secret.
	Words string `json:"words,omitempty"`
	// NotBefore is the time before which there is nothing to look at; nil where that is not known.
	NotBefore *time.Time `json:"notBefore,omitempty"`
	// Within is the longest pause before a change that waits is looked at again; zero lets the pauses grow.
	Within time.Duration `json:"within,omitempty"`
	// Late says that a change that waits takes longer than it should, so that people are told.
	Late bool `json:"late,omitempty"`
}

// Done is the stand of a change that is carried out.
func Done() Stand { return Stand{Phase: PhaseDone} }

// Waiting is the stand of a change that goes on by itself; the text says what it waits for.
func Waiting(format string, args ...any) Stand {
	return Stand{Phase: PhaseWaiting, Words: fmt.Sprintf(format, args...)}
}

// Blocked is the stand of a change that a person has to help; the text says what to do.
func Blocked(format string, args ...any) Stand {
	return Stand{Phase: PhaseBlocked, Words: fmt.Sprintf(format, args...)}
}

// Until is the stand of a change that waits for a point in time, or for a person until then. It is looked at then, and
// not every hour.
func (s Stand) Until(t time.Time) Stand {
	s.NotBefore = &t
	return s
}
