package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

func TestDifferences(t *testing.T) {
	base := func() fleet.Schedule {
		return fleet.Schedule{
			ID: "basic-0", Integration: "basic", Shard: "0", Timing: fleet.Timing{Every: 10 * time.Minute}, Offset: time.Minute,
			CatchUp: 10 * time.Minute, Queue: "basic", Args: plan.Args{"x": {"1"}},
		}
	}
	configured := &fleet.Pause{By: fleet.ConfiguredPause, Reason: "a"}
	person := &fleet.Pause{By: "someone@host", Reason: "b"}
	for _, tc := range []struct {
		name         string
		want, is     func(*fleet.Schedule)
		differences  []string
		pausedByThen *fleet.Pause
	}{
		{name: "the same"},
		{name: "no arguments and none", want: func(s *fleet.Schedule) { s.Args = nil }, is: func(s *fleet.Schedule) { s.Args = plan.Args{} }},
		{name: "another interval", want: func(s *fleet.Schedule) { s.Every, s.Offset = 5*time.Minute, 2 }, differences: []string{"every 10m -> every 5m"}},
		{name: "cron", want: func(s *fleet.Schedule) { s.Timing = fleet.Timing{Cron: "@daily"} }, differences: []string{`every 10m -> cron "@daily"`}},
		{name: "an offset that somebody moved", is: func(s *fleet.Schedule) { s.Offset = 0 }, differences: []string{"offset 0s -> 1m"}},
		{name: "arguments", want: func(s *fleet.Schedule) { s.Args = plan.Args{"y": {"2", "3"}, "a": {"1"}} }, differences: []string{"args --x=1 -> --a=1 --y=2 --y=3"}},
		{
			name: "everything else", want: func(s *fleet.Schedule) {
				s.Queue, s.DryRun, s.Jitter, s.CatchUp = "basic-x", true, time.Second, time.Hour
			},
			differences: []string{"dry run no -> yes", "queue basic -> basic-x", "jitter 0s -> 1s", "catch-up window 10m -> 1h"},
		},
		{name: "what nobody of ours set", is: func(s *fleet.Schedule) { s.Drift = []string{"overlap AllowAll -> Skip"} }, differences: []string{"overlap AllowAll -> Skip"}},
		{name: "a pause of the local file", want: func(s *fleet.Schedule) { s.Pause = configured }, differences: []string{"pause: a"}, pausedByThen: configured},
		{name: "the end of that", is: func(s *fleet.Schedule) { s.Pause = configured }, differences: []string{"resume"}},
		{
			name: "another reason", want: func(s *fleet.Schedule) { s.Pause = &fleet.Pause{By: fleet.ConfiguredPause, Reason: "c"} }, is: func(s *fleet.Schedule) { s.Pause = configured },
			differences: []string{"pause: a -> c"}, pausedByThen: &fleet.Pause{By: fleet.ConfiguredPause, Reason: "c"},
		},
		{name: "a person's pause stays", is: func(s *fleet.Schedule) { s.Pause = person }, pausedByThen: person},
		{name: "a person's pause stays under that of the local file", want: func(s *fleet.Schedule) { s.Pause = configured }, is: func(s *fleet.Schedule) { s.Pause = person }, pausedByThen: person},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want, is := base(), base()
			if tc.want != nil {
				tc.want(&want)
			}
			if tc.is != nil {
				tc.is(&is)
			}
			require.Equal(t, tc.differences, want.Differences(is))
			require.Equal(t, len(tc.differences) == 0, want.Equal(is))
			require.Equal(t, tc.pausedByThen, want.PauseAfter(is.Pause))
		})
	}
}

func TestTheNoteOfAPause(t *testing.T) {
	pause := fleet.Pause{By: "someone@host", Reason: "quay is down: see ticket 7"}
	require.Equal(t, "paused by someone@host: quay is down: see ticket 7", pause.Note())
	require.Equal(t, pause, fleet.ParseNote(pause.Note()))
	require.Equal(t, fleet.Pause{Reason: "Paused via Go SDK"}, fleet.ParseNote("Paused via Go SDK"))
}
