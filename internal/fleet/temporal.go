package fleet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/api/schedule/v1"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Temporal is the schedule in the form of its client.
func (s Schedule) Temporal() (temporalapi.Schedule, error) {
	input, err := json.Marshal(workflows.ScheduledInput{Schedule: s.ID, Input: workflows.Input{DryRun: s.DryRun, Args: s.Args}})
	if err != nil {
		return temporalapi.Schedule{}, err
	}
	calendars, err := s.calendar()
	if err != nil {
		return temporalapi.Schedule{}, err
	}
	t := temporalapi.Schedule{
		ID: s.ID, Integration: s.Integration, Shard: s.Shard, Jitter: s.Jitter, CatchUp: s.CatchUp, Calendars: calendars,
		Workflow: temporalapi.Workflow{ID: workflows.ScheduledID(s.ID), Type: workflows.ScheduledType, Queue: s.Queue, Input: input},
	}
	if s.Cron == "" {
		t.Every, t.Offset = s.Every, s.Offset
	}
	if s.Pause != nil {
		t.Paused, t.Note = true, s.Pause.Note()
	}
	t.Digest, err = s.digest()
	return t, err
}

// Update is what the schedule that is there becomes. A person's pause stays.
func (s Schedule) Update(is temporalapi.Schedule) (temporalapi.Schedule, error) {
	s.Pause = s.PauseAfter(pauseOf(is))
	updated, err := s.Temporal()
	if !is.Paused && s.Pause == nil {
		updated.Note = is.Note
	}
	return updated, err
}

func pauseOf(is temporalapi.Schedule) *Pause {
	if !is.Paused {
		return nil
	}
	pause := ParseNote(is.Note)
	return &pause
}

// digest is over what the definitions and the datafiles say, and not over who has paused the schedule.
func (s Schedule) digest() (string, error) {
	s.Pause, s.Drift = nil, nil
	text, err := json.Marshal(s)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// FromTemporal is a schedule that was read. What somebody has set otherwise than we do stands in its Drift.
func FromTemporal(live temporalapi.Live) Schedule {
	s := Schedule{
		ID: live.ID, Integration: live.Integration, Shard: live.Shard, Timing: Timing{Every: live.Every}, Offset: live.Offset,
		Jitter: live.Jitter, CatchUp: live.CatchUp, Queue: live.Workflow.Queue, Drift: slices.Clone(live.Drift),
		Pause: pauseOf(live.Schedule),
	}
	if len(live.Calendars) > 0 {
		s.readCalendars(live.Calendars)
	}
	var in workflows.ScheduledInput
	decoder := json.NewDecoder(bytes.NewReader(live.Workflow.Input))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		s.Drift = append(s.Drift, "input that cannot be read -> ours")
	}
	s.DryRun, s.Args = in.Input.DryRun, in.Input.Args
	in.Input.DryRun, in.Input.Args = false, nil
	if rest, err := json.Marshal(in.Input); err != nil || string(rest) != "{}" {
		s.Drift = append(s.Drift, "input set by hand -> ours")
	}
	for _, part := range []struct{ what, is, wants string }{
		{"workflow type", live.Workflow.Type, workflows.ScheduledType},
		{"workflow ID", live.Workflow.ID, workflows.ScheduledID(live.ID)},
		{"schedule of the input", cmp.Or(in.Schedule, "none"), live.ID},
	} {
		if part.is != part.wants {
			s.Drift = append(s.Drift, fmt.Sprintf("%s %s -> %s", part.what, part.is, part.wants))
		}
	}
	return s
}

// readCalendars takes the cron expression from the comment, where the calendar is what it says.
func (s *Schedule) readCalendars(calendars []*schedule.StructuredCalendarSpec) {
	s.Every, s.Cron = 0, calendars[0].GetComment()
	if seconds := calendars[0].GetSecond(); len(seconds) == 1 {
		s.Offset = secondsOf(seconds[0])
	}
	ours, err := s.calendar()
	if err != nil || s.Cron == "" || !slices.EqualFunc(ours, calendars, func(a, b *schedule.StructuredCalendarSpec) bool { return proto.Equal(a, b) }) {
		s.Cron, s.Offset = "set by hand", 0
	}
}
