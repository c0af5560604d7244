package fleetwatch

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	schedules "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// schedule is one of ours.
type schedule struct {
	id, integration, shard string
	// interval is between two runs; 0 where there is no telling.
	interval time.Duration
	paused   bool
	next     time.Time
}

func (w *Watch) schedules(ctx context.Context) (func(*seen), error) {
	found := map[string]schedule{}
	for page := []byte(nil); ; {
		answer, err := w.options.Client.WorkflowService().ListSchedules(ctx, &workflowservice.ListSchedulesRequest{
			Namespace: w.options.Namespace, MaximumPageSize: pageSize, NextPageToken: page,
		})
		if err != nil {
			return nil, err
		}
		for _, entry := range answer.GetSchedules() {
			if w.memo(entry.GetMemo(), temporalapi.MemoManagedBy) == temporalapi.ManagedBy {
				found[entry.GetScheduleId()] = w.scheduleOf(entry)
			}
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			return func(s *seen) { s.schedules = found }, nil
		}
	}
}

func (w *Watch) memo(memo *common.Memo, field string) string {
	var value string
	if payload, ok := memo.GetFields()[field]; ok {
		_ = w.options.Converter.FromPayload(payload, &value)
	}
	return value
}

func (w *Watch) scheduleOf(entry *schedules.ScheduleListEntry) schedule {
	s := schedule{
		id: entry.GetScheduleId(), integration: w.memo(entry.GetMemo(), temporalapi.MemoIntegration), shard: w.memo(entry.GetMemo(), temporalapi.MemoShard),
		paused: entry.GetInfo().GetPaused(),
	}
	times := entry.GetInfo().GetFutureActionTimes()
	if len(times) > 0 {
		s.next = times[0].AsTime()
	}
	if intervals := entry.GetInfo().GetSpec().GetInterval(); len(intervals) > 0 {
		s.interval = intervals[0].GetInterval().AsDuration()
		return s
	}
	// Of what runs by the calendar the longest of the next pauses counts.
	for i := 1; i < len(times); i++ {
		s.interval = max(s.interval, times[i].AsTime().Sub(times[i-1].AsTime()))
	}
	return s
}

// shardOf labels a run as the reference does. The ID of a run of a shard is that of the shard's schedule.
func shardOf(integration, workflowID string, known map[string]schedule) metrics.Shard {
	name := known[workflowID].shard
	if name == "" {
		name = strings.TrimPrefix(strings.TrimPrefix(workflowID, integration), "-")
	}
	if name == "" {
		return metrics.Whole()
	}
	if _, err := strconv.Atoi(name); err != nil {
		return metrics.Shard{Shards: "1", ID: name}
	}
	shards := 0
	for _, s := range known {
		if s.integration == integration {
			shards++
		}
	}
	count := strconv.Itoa(max(1, shards))
	return metrics.Shard{Shards: count, ID: name + "-" + count}
}
