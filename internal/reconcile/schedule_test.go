package reconcile_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestFailureMode09_SchedulesOfOneIntervalDoNotStartTogether(t *testing.T) {
	inventory, err := os.ReadFile("../../integrations/inventory.txt")
	require.NoError(t, err)
	const every = 10 * time.Minute
	starts := map[time.Duration]int{}
	count := 0
	for line := range strings.Lines(string(inventory)) {
		fields := strings.Fields(line)
		require.NotEmpty(t, fields)
		offset := reconcile.Definition{Name: fields[0], Every: every}.Offset()
		require.GreaterOrEqual(t, offset, time.Duration(0))
		require.Less(t, offset, every)
		starts[offset.Truncate(time.Minute)]++
		count++
	}
	require.Greater(t, count, 100)
	for minute, started := range starts {
		require.LessOrEqual(t, started, count/4, "minute %s", minute)
	}
	require.Len(t, starts, 10, "every minute of the interval is used")
}

func TestAnOffsetStaysTheSame(t *testing.T) {
	d := reconcile.Definition{Name: "quay-membership", Every: 10 * time.Minute}
	require.Equal(t, "7m25s", d.Offset().String(), "another way to derive it moves all schedules at once")
	require.Zero(t, reconcile.Definition{Name: "quay-membership", Every: time.Millisecond}.Offset())
}
