package fleet

import (
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Timing is when runs start: at an interval, or else at the times of a cron expression, in UTC.
type Timing struct {
	// Every is the interval between the starts of runs.
	Every time.Duration `json:"every,omitempty"`
	// Cron has the five fields of crontab(5) or a name such as @daily.
	Cron string `json:"cron,omitempty"`
}

// String is what people read: "every 10m", or `cron "0 8 * * 1"`.
func (t Timing) String() string {
	if t.Cron != "" {
		return "cron " + strconv.Quote(t.Cron)
	}
	return "every " + Short(t.Every)
}

// shortest is the shortest interval that Temporal has.
const shortest = time.Second

func (t Timing) validate() error {
	if t.Cron == "" {
		if t.Every < shortest {
			return apierr.Errorf(apierr.Invalid, "an interval of %s is too short; the shortest is %s", t.Every, shortest)
		}
		return nil
	}
	if strings.Contains(t.Cron, "TZ=") {
		return apierr.Errorf(apierr.Invalid, "cron %q: leave out the time zone, times are in UTC", t.Cron)
	}
	_, err := calendars(t.Cron)
	return err
}

// calendars is the cron expression as sets of numbers, or nil where it is an interval (@every 1h).
func calendars(expression string) (*cron.SpecSchedule, error) {
	parsed, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "cron %q: %w", expression, err)
	}
	if spec, ok := parsed.(*cron.SpecSchedule); ok {
		return spec, nil
	}
	return nil, apierr.Errorf(apierr.Invalid, "cron %q: give an interval as such (sleepDurationSecs, or every)", expression)
}

// timing is what the datafile says, else the definition's interval.
//
// Differs from the reference: runs start every sleepDurationSecs, where the reference sleeps so long after the end of
// each. A run that takes longer than that is not overtaken: the starts that fall into it are skipped.
func timing(spec Spec, every time.Duration) (Timing, error) {
	t := Timing{Every: every}
	switch seconds := strings.TrimSpace(spec.SleepDurationSecs); {
	case strings.TrimSpace(spec.Cron) != "":
		t = Timing{Cron: strings.TrimSpace(spec.Cron)}
	case seconds != "":
		n, err := strconv.Atoi(seconds)
		if err != nil {
			return t, apierr.Errorf(apierr.Invalid, "sleepDurationSecs %q is no number of seconds", seconds)
		}
		t.Every = time.Duration(n) * time.Second
	}
	return t, t.validate()
}

const (
	// leastCatchUp is for schedules whose interval is short: they too shall outlast a restart of the server.
	leastCatchUp = 10 * time.Minute
	// cronCatchUp lets what runs once a day run after the outage of a night.
	cronCatchUp = 24 * time.Hour
)

// catchUp is how late a run may start that an outage has kept from starting. Of all that were missed one is caught up,
// since runs do not overlap.
func (t Timing) catchUp() time.Duration {
	if t.Cron != "" {
		return cronCatchUp
	}
	return max(t.Every, leastCatchUp)
}

// Short writes a duration without the zeros that Duration's text ends with: 10m, 1h.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
