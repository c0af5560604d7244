package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/schedule/v1"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
)

func TestCronAsCalendars(t *testing.T) {
	for _, tc := range []struct {
		cron      string
		calendars []string
	}{
		{"0 8 * * 1", []string{"7 | 0 | 8 | 1-31 | 1-12 | 1"}},
		{"*/20 8-10,14 1 * *", []string{"7 | 0 20 40 | 8-10 14 | 1 | 1-12 | 0-6"}},
		{"59 23 31 12 *", []string{"7 | 59 | 23 | 31 | 12 | 0-6"}},
		{"0 8 1,15 * MON-FRI", []string{"7 | 0 | 8 | 1 15 | 1-12 | 0-6", "7 | 0 | 8 | 1-31 | 1-12 | 1-5"}},
		{"@weekly", []string{"7 | 0 | 0 | 1-31 | 1-12 | 0"}},
	} {
		t.Run(tc.cron, func(t *testing.T) {
			s := fleet.Schedule{ID: "a", Integration: "a", Timing: fleet.Timing{Cron: tc.cron}, Offset: 7e9}
			made, err := s.Temporal()
			require.NoError(t, err)
			var calendars []string
			for _, c := range made.Calendars {
				require.Equal(t, tc.cron, c.GetComment())
				fields := []string{}
				for _, field := range [][]*schedule.Range{c.GetSecond(), c.GetMinute(), c.GetHour(), c.GetDayOfMonth(), c.GetMonth(), c.GetDayOfWeek()} {
					fields = append(fields, text(field))
				}
				calendars = append(calendars, strings.Join(fields, " | "))
			}
			require.Equal(t, tc.calendars, calendars)

			back := fleet.FromTemporal(temporalapi.Live{Schedule: made})
			require.Empty(t, s.Differences(back))
			made.Calendars[0].Hour[0].Start++
			require.NotEmpty(t, s.Differences(fleet.FromTemporal(temporalapi.Live{Schedule: made})))
		})
	}
}

func text(ranges []*schedule.Range) string {
	var parts []string
	for _, r := range ranges {
		if r.GetStart() == r.GetEnd() {
			parts = append(parts, fmt.Sprint(r.GetStart()))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", r.GetStart(), r.GetEnd()))
		}
	}
	return strings.Join(parts, " ")
}
