// Package crontab reads the cron expressions of app-interface, in which both fields for days have to agree.
package crontab

import (
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// everyDay is the bit by which the parser tells that a field was a star. With it set in one of the two fields for days
// both have to agree.
const everyDay = 1 << 63

// Parse reads a cron expression of five fields: minute, hour, day of month, month, day of week, in UTC. Where both
// fields for days are given a day has to be in both, other than in cron itself. The error is Invalid.
func Parse(text string) (cron.Schedule, error) {
	fields := strings.Fields(text)
	if len(fields) == 5 {
		fields[4] = sundays(fields[4])
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(strings.Join(fields, " "))
	days, calendar := parsed.(*cron.SpecSchedule)
	if err != nil || !calendar || strings.Contains(text, "TZ=") {
		return nil, apierr.Errorf(apierr.Invalid, "schedule %q is not a cron expression: give minute, hour, day of month, month and day of week, in UTC", text)
	}
	days.Dom |= everyDay
	days.Location = time.UTC
	return days, nil
}

// sundays writes a field for days of the week without 7, which the parser does not know and which is Sunday as 0 is.
func sundays(field string) string {
	parts := strings.Split(field, ",")
	for i, part := range parts {
		days, step, stepped := strings.Cut(part, "/")
		first, last, ranged := strings.Cut(days, "-")
		switch {
		case days == "7" && !stepped:
			parts[i] = "0"
		case ranged && last == "7":
			parts[i] = daysUpToSunday(part, first, step, stepped)
		}
	}
	return strings.Join(parts, ",")
}

// daysUpToSunday lists the days of a range that ends with 7. What is no range of numbers stays as it is, for the parser to
// refuse.
func daysUpToSunday(part, first, step string, stepped bool) string {
	from, err := strconv.Atoi(first)
	by := 1
	if stepped && err == nil {
		by, err = strconv.Atoi(step)
	}
	if err != nil || from < 0 || from > 7 || by < 1 {
		return part
	}
	var days []string
	for day := from; day <= 7; day += by {
		days = append(days, strconv.Itoa(day%7))
	}
	return strings.Join(days, ",")
}

// Matches says whether a schedule hits in the minute of a time.
func Matches(schedule cron.Schedule, at time.Time) bool {
	minute := at.UTC().Truncate(time.Minute)
	return schedule.Next(minute.Add(-time.Second)).Equal(minute)
}
