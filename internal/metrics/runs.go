package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Shard says which part of an integration a run covers, as the reference labels it: Shards is how many there are where an
// integration is divided by number, and "1" otherwise; ID is the shard's number with theirs, as in "0-3", or its name.
type Shard struct{ Shards, ID string }

// Whole is the shard of a run that covers everything.
func Whole() Shard { return Shard{Shards: "1", ID: "0-1"} }

// ByRun are the labels of metrics of runs.
func ByRun() []string { return []string{"integration", "shards", "shard_id"} }

// Runs counts what the steps of runs do in this process. The names, labels and buckets are the reference's.
type Runs struct {
	executions, total *prometheus.CounterVec
	elapsed           *prometheus.HistogramVec
}

// executionCounter is the name that the reference gives to its counter. Its client library exports the name with _total.
const executionCounter = "qontract_reconcile_execution_counter"

// NewRuns makes the metrics without any values.
func NewRuns() *Runs {
	return &Runs{
		executions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: executionCounter, Help: "Runs that were started."}, ByRun()),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: executionCounter + "_total", Help: "Runs that were started, under the name that the reference's library exports.",
		}, ByRun()),
		elapsed: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "qontract_reconcile_function_elapsed_seconds_since_bundle_commit",
			Help:    "How long after the commit of the bundle a change was in place.",
			Buckets: []float64{60, 150, 300, 600, 1200, 1800, 2400, 3000},
		}, []string{"name", "integration"}),
	}
}

// Started counts a run.
func (r *Runs) Started(integration string, shard Shard) {
	r.executions.WithLabelValues(integration, shard.Shards, shard.ID).Inc()
	r.total.WithLabelValues(integration, shard.Shards, shard.ID).Inc()
}

// Landed notes that the function of the integration has put a change in place, so long after the commit.
func (r *Runs) Landed(function, integration string, after time.Duration) {
	r.elapsed.WithLabelValues(function, integration).Observe(after.Seconds())
}

// Describe implements prometheus.Collector.
func (r *Runs) Describe(descriptions chan<- *prometheus.Desc) {
	r.executions.Describe(descriptions)
	r.total.Describe(descriptions)
	r.elapsed.Describe(descriptions)
}

// Collect implements prometheus.Collector.
func (r *Runs) Collect(metrics chan<- prometheus.Metric) {
	r.executions.Collect(metrics)
	r.total.Collect(metrics)
	r.elapsed.Collect(metrics)
}
