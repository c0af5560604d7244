package views

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
)

// schedule is one of ours. Its ID is that of the runs which it begins.
type schedule struct {
	id, integration, shard string
	// every is its interval, such as "every 10m", or "calendar"; "" where there is no schedule, and the ID is that of manual runs.
	every  string
	paused bool
	note   string
	next   *time.Time
}

// schedules lists ours by their IDs.
func (s Source) schedules(ctx context.Context) ([]schedule, error) {
	list, err := s.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: pageSize})
	if err != nil {
		return nil, fmt.Errorf("list the schedules: %w", err)
	}
	var all []schedule
	for list.HasNext() {
		entry, err := list.Next()
		if err != nil {
			return nil, fmt.Errorf("list the schedules: %w", err)
		}
		owner, there := entry.Memo.GetFields()[temporalapi.MemoManagedBy]
		var managedBy string
		// A memo that cannot be read may be ours, encrypted with a key that is not given here: that is shown as strange.
		if !there || s.Payloads.Converter.FromPayload(owner, &managedBy) == nil && managedBy != temporalapi.ManagedBy {
			continue
		}
		found := schedule{
			id: entry.ID, integration: fromMemo[string](s, entry.Memo, temporalapi.MemoIntegration), shard: fromMemo[string](s, entry.Memo, temporalapi.MemoShard),
			every: "calendar", paused: entry.Paused, note: entry.Note,
		}
		if entry.Spec != nil && len(entry.Spec.Intervals) == 1 && len(entry.Spec.Calendars) == 0 {
			found.every = "every " + Every(entry.Spec.Intervals[0].Every)
		}
		if len(entry.NextActionTimes) > 0 && !entry.Paused {
			found.next = &entry.NextActionTimes[0]
		}
		all = append(all, found)
	}
	slices.SortFunc(all, func(a, b schedule) int { return strings.Compare(a.id, b.id) })
	return all, nil
}

// Every writes an interval without the zeros that Duration's text ends with: 10m, 1h.
func Every(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
