package fleetwatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

func at(minute int) time.Time { return time.Unix(int64(60*minute), 0) }

func TestWhatWasMeasuredIsSupersededByALaterRun(t *testing.T) {
	ended := func(id, runID, parent string, start, end int) run {
		return run{integration: "x", workflowID: id, runID: runID, parentID: parent, start: at(start), end: at(end)}
	}
	for _, tc := range []struct {
		name string
		last []run
		of   metrics.Origin
		want bool
	}{
		{"nothing is known of the run yet", nil, metrics.Origin{WorkflowID: "x", RunID: "1", At: at(1)}, false},
		{"it is the last run", []run{ended("x", "1", "", 0, 2)}, metrics.Origin{WorkflowID: "x", RunID: "1", At: at(1)}, false},
		{"the last run that ended is the one before", []run{ended("x", "0", "", 0, 2)}, metrics.Origin{WorkflowID: "x", RunID: "1", At: at(5)}, false},
		{"another worker had a later run", []run{ended("x", "2", "", 10, 12)}, metrics.Origin{WorkflowID: "x", RunID: "1", At: at(1)}, true},
		{"another worker had a later run of the scope", []run{ended("x", "a2", "", 10, 12), ended("x/prod", "b2", "x", 11, 12)}, metrics.Origin{WorkflowID: "x/prod", RunID: "b1", At: at(1)}, true},
		{"the scope is that of the last run", []run{ended("x", "a2", "", 10, 12), ended("x/prod", "b2", "x", 11, 12)}, metrics.Origin{WorkflowID: "x/prod", RunID: "b2", At: at(11)}, false},
		{"the last run no longer had the scope", []run{ended("x", "a2", "", 10, 12), ended("x/prod", "b1", "x", 1, 2)}, metrics.Origin{WorkflowID: "x/prod", RunID: "b1", At: at(1)}, true},
		{"a run of another shard did not have the scope", []run{ended("x-b", "a2", "", 10, 12), ended("x/prod", "b1", "x-a", 1, 2)}, metrics.Origin{WorkflowID: "x/prod", RunID: "b1", At: at(1)}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			known := table{last: map[string]run{}}
			for _, r := range tc.last {
				known.last[r.workflowID] = r
			}
			known.prune()
			require.Equal(t, tc.want, known.superseded(tc.of))
		})
	}
}

func TestShardsAreLabelledAsInTheReference(t *testing.T) {
	known := map[string]schedule{
		"x-0": {integration: "x", shard: "0"}, "x-1": {integration: "x", shard: "1"}, "x-2": {integration: "x", shard: "2"},
		"y-prod-1": {integration: "y", shard: "prod-1"}, "z": {integration: "z"},
	}
	for _, tc := range []struct {
		integration, workflowID string
		want                    metrics.Shard
	}{
		{"z", "z", metrics.Shard{Shards: "1", ID: "0-1"}},
		{"unscheduled", "unscheduled", metrics.Shard{Shards: "1", ID: "0-1"}},
		{"x", "x-1", metrics.Shard{Shards: "3", ID: "1-3"}},
		{"y", "y-prod-1", metrics.Shard{Shards: "1", ID: "prod-1"}},
		{"y", "y-prod-2", metrics.Shard{Shards: "1", ID: "prod-2"}},
	} {
		require.Equal(t, tc.want, shardOf(tc.integration, tc.workflowID, known), tc.workflowID)
	}
}

func TestExitCodes(t *testing.T) {
	for _, tc := range []struct {
		status  enums.WorkflowExecutionStatus
		outcome string
		want    float64
	}{
		{enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, "clean", 0},
		{enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, "", 0},
		{enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, "held", 3},
		{enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, "waiting", 0},
		{enums.WORKFLOW_EXECUTION_STATUS_FAILED, "failed", 1},
		{enums.WORKFLOW_EXECUTION_STATUS_FAILED, "invalid", 1},
		{enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, "", 1},
		{enums.WORKFLOW_EXECUTION_STATUS_TERMINATED, "stuck", 1},
	} {
		require.InDelta(t, tc.want, run{status: tc.status, outcome: tc.outcome}.exitCode(), 0, "%s %s", tc.status, tc.outcome)
	}
}
