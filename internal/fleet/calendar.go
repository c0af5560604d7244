package fleet

import (
	"math/bits"
	"time"

	"go.temporal.io/api/schedule/v1"
)

// starred marks a field of a cron expression that was a star.
const starred = 1 << 63

// calendar is the cron expression as Temporal keeps it: sets of numbers, with the expression as comment. Where both the
// day of the month and the day of the week are given, either is enough, as everywhere but in Temporal's own reading of
// such expressions.
func (s Schedule) calendar() ([]*schedule.StructuredCalendarSpec, error) {
	if s.Cron == "" {
		return nil, nil
	}
	spec, err := calendars(s.Cron)
	if err != nil {
		return nil, err
	}
	second := int32(s.Offset / time.Second)
	one := func(dom, dow uint64) *schedule.StructuredCalendarSpec {
		return &schedule.StructuredCalendarSpec{
			Second: []*schedule.Range{{Start: second, End: second, Step: 1}}, Minute: ranges(spec.Minute), Hour: ranges(spec.Hour),
			DayOfMonth: ranges(dom), Month: ranges(spec.Month), DayOfWeek: ranges(dow), Comment: s.Cron,
		}
	}
	if spec.Dom&starred == 0 && spec.Dow&starred == 0 {
		return []*schedule.StructuredCalendarSpec{one(spec.Dom, span(0, 6)), one(span(1, 31), spec.Dow)}, nil
	}
	return []*schedule.StructuredCalendarSpec{one(spec.Dom, spec.Dow)}, nil
}

// span are the numbers from first to last.
func span(first, last int) uint64 {
	return (1<<(last+1) - 1) &^ (1<<first - 1)
}

// ranges are the runs of neighbours in a set.
func ranges(set uint64) []*schedule.Range {
	set &^= starred
	var runs []*schedule.Range
	for set != 0 {
		start := bits.TrailingZeros64(set)
		length := bits.TrailingZeros64(^(set >> start))
		runs = append(runs, &schedule.Range{Start: int32(start), End: int32(start + length - 1), Step: 1})
		set &^= (1<<length - 1) << start
	}
	return runs
}

func secondsOf(r *schedule.Range) time.Duration { return time.Duration(r.GetStart()) * time.Second }
