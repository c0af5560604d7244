package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Schedule starts the runs of an integration, or of one shard.
type Schedule struct {
	// ID is the integration's name with the shard's suffix.
	ID          string `json:"id"`
	Integration string `json:"integration"`
	// Shard is the suffix without its dash, "" for all of the integration.
	Shard string `json:"shard,omitempty"`
	Timing
	// Offset is when within the interval, or within the minute of a cron expression, a run starts.
	Offset time.Duration `json:"offset,omitempty"`
	// Jitter delays each start by up to so much, as if by chance.
	Jitter time.Duration `json:"jitter,omitempty"`
	// CatchUp is how late a run may start that an outage has kept from starting.
	CatchUp time.Duration `json:"catchUp"`
	// Queue is the task queue of the workflows.
	Queue  string    `json:"queue"`
	DryRun bool      `json:"dryRun,omitempty"`
	Args   plan.Args `json:"args,omitempty"`
	// Pause is nil where the schedule runs.
	Pause *Pause `json:"pause,omitempty"`
	// Drift says what else is not as we set it. Only a schedule that was read has some.
	Drift []string `json:"drift,omitempty"`
}

// Pause is who keeps a schedule from starting runs, and why.
type Pause struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// ConfiguredPause is who pauses what the local overrides pause. Everybody else is a person, whose pause stays.
const ConfiguredPause = "schedules.yaml"

// note is what Temporal keeps of a pause, as people read it in its UI.
const notePrefix = "paused by "

// Note is the text of a pause, which ParseNote reads.
func (p Pause) Note() string { return notePrefix + p.By + ": " + p.Reason }

// ParseNote reads the note of a paused schedule. One that was not paused by us has no name.
func ParseNote(note string) Pause {
	if rest, ours := strings.CutPrefix(note, notePrefix); ours {
		if by, reason, found := strings.Cut(rest, ": "); found {
			return Pause{By: by, Reason: reason}
		}
	}
	return Pause{Reason: note}
}

// String is who and why.
func (p Pause) String() string {
	if p.By == "" {
		return p.Reason
	}
	return p.By + ": " + p.Reason
}

// Key is the ID.
func (s Schedule) Key() string { return s.ID }

// Equal says whether the schedule that was read is as it should be.
func (s Schedule) Equal(current Schedule) bool { return len(s.Differences(current)) == 0 }

// Differences says in words what an update would change, such as "every 10m -> every 5m".
func (s Schedule) Differences(current Schedule) []string {
	var differences []string
	say := func(what, is, should string) {
		if is != should {
			differences = append(differences, strings.TrimSpace(what+" "+is+" -> "+should))
		}
	}
	say("", current.Timing.String(), s.Timing.String())
	if current.Timing == s.Timing {
		say("offset", Short(current.Offset), Short(s.Offset))
	}
	say("args", Flags(current.Args), Flags(s.Args))
	say("dry run", yesNo(current.DryRun), yesNo(s.DryRun))
	say("queue", current.Queue, s.Queue)
	say("jitter", Short(current.Jitter), Short(s.Jitter))
	say("catch-up window", Short(current.CatchUp), Short(s.CatchUp))
	differences = append(differences, current.Drift...)
	return append(differences, s.pauses(current.Pause)...)
}

// pauses compares with how the schedule is paused. What a person has paused stays so.
func (s Schedule) pauses(is *Pause) []string {
	configured := is != nil && is.By == ConfiguredPause
	switch {
	case s.Pause == nil && configured:
		return []string{"resume"}
	case s.Pause != nil && is == nil:
		return []string{"pause: " + s.Pause.Reason}
	case s.Pause != nil && configured && is.Reason != s.Pause.Reason:
		return []string{fmt.Sprintf("pause: %s -> %s", is.Reason, s.Pause.Reason)}
	}
	return nil
}

// PauseAfter is how the schedule is paused after an update of the one that was read.
func (s Schedule) PauseAfter(is *Pause) *Pause {
	if is != nil && is.By != ConfiguredPause {
		return is
	}
	return s.Pause
}

// place derives when the schedule starts its runs from its ID.
func (s *Schedule) place() {
	span := s.Every
	if s.Cron != "" {
		span = time.Minute
	}
	s.Offset = reconcile.Offset(s.ID, span)
}

// Flags writes arguments as on a command line.
func Flags(args plan.Args) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(args)) {
		for _, value := range args[name] {
			words = append(words, "--"+name+"="+value)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
