package crontab_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/crontab"
)

func TestSchedules(t *testing.T) {
	day := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2021, month, day, hour, minute, 0, 0, time.UTC)
	}
	tests := map[string]struct {
		schedule string
		next     time.Time
	}{
		"every minute":                          {"* * * * *", day(8, 30, 18, 1)},
		"a name of a day":                       {"0 9 * * TUE", day(8, 31, 9, 0)},
		"7 is Sunday":                           {"0 9 * * 7", day(9, 5, 9, 0)},
		"a range up to 7":                       {"0 9 * * 6-7", day(9, 4, 9, 0)},
		"a range up to 7 begins anew on Sunday": {"0 9 5 * 6-7", day(9, 5, 9, 0)},
		"a range up to 7 with steps":            {"0 9 * * 5-7/2", day(9, 3, 9, 0)},
		"7 in a list":                           {"0 9 * * 7,3", day(9, 1, 9, 0)},
		"both fields for days have to agree":    {"0 9 13 * 1", day(9, 13, 9, 0)},
		"steps and ranges":                      {"*/30 8-10,20 * * 1-5", day(8, 30, 20, 0)},
		"a word":                                {"@daily", day(8, 31, 0, 0)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			parsed, err := crontab.Parse(test.schedule)
			require.NoError(t, err)
			require.Equal(t, test.next, parsed.Next(day(8, 30, 18, 0)))
		})
	}
	for _, refused := range []string{"", "nonsense", "* * * *", "* * * * * *", "61 * * * *", "0 9 * * 8", "0 9 * * 8-7", "0 9 * * x-7", "0 9 * * 1-7/0", "@every 5m", "TZ=Europe/Berlin 0 9 * * *", "CRON_TZ=UTC 0 9 * * *"} {
		_, err := crontab.Parse(refused)
		require.ErrorContains(t, err, "is not a cron expression", refused)
	}
}

func TestMatches(t *testing.T) {
	friday := time.Date(2031, 3, 14, 12, 0, 59, 0, time.UTC)
	for _, tc := range []struct {
		schedule string
		want     bool
	}{
		{"* * * * *", true},
		{"0 12 * * *", true},
		{"1 12 * * *", false},
		{"0 12 14 * 5", true},
		{"0 12 13 * 5", false},
		{"0 12 14 * 4", false},
	} {
		t.Run(tc.schedule, func(t *testing.T) {
			parsed, err := crontab.Parse(tc.schedule)
			require.NoError(t, err)
			require.Equal(t, tc.want, crontab.Matches(parsed, friday))
			require.Equal(t, tc.want, crontab.Matches(parsed, friday.In(time.FixedZone("", 3600))), "the schedule is in UTC")
		})
	}
}
