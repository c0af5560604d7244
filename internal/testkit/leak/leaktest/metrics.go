package leaktest

import (
	"time"

	"go.temporal.io/sdk/client"
)

// Metrics is a handler that looks at the names and tags of metrics.
func (w *Watch) Metrics() client.MetricsHandler { return metrics{w} }

type metrics struct{ watch *Watch }

func (m metrics) WithTags(tags map[string]string) client.MetricsHandler {
	for name, value := range tags {
		m.watch.Text("a metric's label", name)
		m.watch.Text("the metric's label "+name, value)
	}
	return m
}

func (m metrics) Counter(name string) client.MetricsCounter {
	m.watch.Text("a metric's name", name)
	return nothing{}
}

func (m metrics) Gauge(name string) client.MetricsGauge {
	m.watch.Text("a metric's name", name)
	return nothing{}
}

func (m metrics) Timer(name string) client.MetricsTimer {
	m.watch.Text("a metric's name", name)
	return nothing{}
}

// nothing drops values: they are numbers.
type nothing struct{}

func (nothing) Inc(int64)            {}
func (nothing) Update(float64)       {}
func (nothing) Record(time.Duration) {}
