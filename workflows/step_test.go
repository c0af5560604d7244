package workflows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPausesBetweenLooks(t *testing.T) {
	now := time.Date(2031, 3, 14, 8, 0, 0, 0, time.UTC)
	pauses := func(within time.Duration) []time.Duration {
		step := &Step{StepProgress: StepProgress{State: StepWaiting}}
		var all []time.Duration
		for range 12 {
			step.lookAgain(firstLook, within, nil, now)
			all = append(all, step.Pause)
		}
		require.True(t, step.patient(firstLook), "a run does not stay")
		return all
	}
	require.Equal(t, longestLook, pauses(0)[11], "they grow")
	bounded := pauses(2 * time.Minute)
	require.Equal(t, []time.Duration{firstLook, 2 * firstLook, 4 * firstLook}, bounded[:3])
	require.Equal(t, 2*time.Minute, bounded[11])
	require.Equal(t, firstLook<<briefLooks, pauses(time.Second)[11])
}
