package fleetwatch

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// The families that are exported. The first two are the reference's.
var (
	lastSeconds = describe("qontract_reconcile_last_run_seconds", "How long the last run took.", metrics.ByRun()...)
	lastStatus  = describe("qontract_reconcile_last_run_status", "The exit code of the last run: 0 done, 1 failed, 3 changes are held.", metrics.ByRun()...)
	lastEnd     = describe("qontract_temporal_last_run_end_timestamp_seconds", "When the last run ended.", metrics.ByRun()...)
	lastInfo    = describe("qontract_temporal_last_run_info", "Which workflow the last run was, and what it came to.",
		append(metrics.ByRun(), "workflow_id", "run_id", "outcome", "bundle")...)
	interval = describe("qontract_temporal_schedule_interval_seconds", "The time between two scheduled runs.", metrics.ByRun()...)
	paused   = describe("qontract_temporal_schedule_paused", "Whether the schedule is paused.", metrics.ByRun()...)
	next     = describe("qontract_temporal_schedule_next_run_timestamp_seconds", "When the schedule starts the next run.", metrics.ByRun()...)
	approval = describe("qontract_temporal_approval_since_timestamp_seconds", "Since when held changes wait for a person.",
		"integration", "scope", "workflow_id")
	stuckSince = describe("qontract_temporal_stuck_since_timestamp_seconds",
		"When the run began none of whose steps ends (outcome stuck), or the scope whose changes wait for a person (outcome failed).",
		"integration", "scope", "workflow_id", "outcome")
	waitingScopes = describe("qontract_temporal_waiting_scopes", "Scopes whose changes wait for somebody else's system.", "integration")
	backlog       = describe("qontract_temporal_task_queue_backlog", "Tasks that no worker has taken yet.", "task_queue", "type")
	backlogAge    = describe("qontract_temporal_task_queue_backlog_age_seconds", "How long the oldest of them waits.", "task_queue", "type")
	pollers       = describe("qontract_temporal_task_queue_pollers", "Workers that asked for tasks lately.", "task_queue", "type")
	looked        = describe("qontract_temporal_fleet_look_timestamp_seconds", "When this process last saw that part of the fleet.", "part")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (w *Watch) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		lastSeconds, lastStatus, lastEnd, lastInfo, interval, paused, next, approval, stuckSince, waitingScopes, backlog, backlogAge, pollers, looked,
	} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector. It asks nobody.
func (w *Watch) Collect(out chan<- prometheus.Metric) {
	w.mu.Lock()
	s := w.seen
	w.mu.Unlock()
	gauge := func(of *prometheus.Desc, value float64, labels ...string) {
		m, err := prometheus.NewConstMetric(of, prometheus.GaugeValue, value, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(of, err)
		}
		out <- m
	}
	for part, at := range s.at {
		gauge(looked, unix(at), part)
	}
	for part, export := range map[string]func(seen, sample){
		partRuns: exportRuns, partSchedules: exportSchedules, partApprovals: exportApprovals, partWaits: exportWaits, partQueues: exportQueues,
	} {
		if time.Since(s.at[part]) < stale*w.options.Every {
			export(s, gauge)
		}
	}
}

// sample exports one value.
type sample func(of *prometheus.Desc, value float64, labels ...string)

func exportRuns(s seen, gauge sample) {
	for _, r := range s.runs {
		shard := shardOf(r.integration, r.workflowID, s.schedules)
		gauge(lastSeconds, r.end.Sub(r.start).Seconds(), r.integration, shard.Shards, shard.ID)
		gauge(lastStatus, r.exitCode(), r.integration, shard.Shards, shard.ID)
		gauge(lastEnd, unix(r.end), r.integration, shard.Shards, shard.ID)
		gauge(lastInfo, 1, r.integration, shard.Shards, shard.ID, r.workflowID, r.runID, r.outcome, r.bundle)
	}
}

func exportSchedules(s seen, gauge sample) {
	for id, of := range s.schedules {
		shard := shardOf(of.integration, id, s.schedules)
		gauge(interval, of.interval.Seconds(), of.integration, shard.Shards, shard.ID)
		gauge(paused, truth(of.paused), of.integration, shard.Shards, shard.ID)
		if !of.next.IsZero() {
			gauge(next, unix(of.next), of.integration, shard.Shards, shard.ID)
		}
	}
}

func exportApprovals(s seen, gauge sample) {
	for _, a := range s.approvals {
		gauge(approval, unix(a.since), a.integration, a.scope, a.workflowID)
	}
}

func exportWaits(s seen, gauge sample) {
	for _, a := range s.stuck {
		gauge(stuckSince, unix(a.since), a.integration, a.scope, a.workflowID, a.outcome)
	}
	for integration, count := range s.waiting {
		gauge(waitingScopes, float64(count), integration)
	}
}

func exportQueues(s seen, gauge sample) {
	for _, q := range s.queues {
		gauge(backlog, float64(q.backlog), q.name, q.kind)
		gauge(backlogAge, q.age.Seconds(), q.name, q.kind)
		gauge(pollers, float64(q.pollers), q.name, q.kind)
	}
}

func unix(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
