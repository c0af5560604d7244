// Package metrics keeps what integrations measure of the world: the gauges of a scope are replaced as a whole whenever it
// is looked at again, so that what has vanished is no longer exported, which a plain Prometheus vector does not do.
package metrics

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Gauge is a family of values that go up and down. Name is the one that is exported.
type Gauge struct {
	Name, Help string
	Labels     []string
}

// Counter is a family of values that only go up. Name is the one that is exported.
type Counter struct {
	Name, Help string
	Labels     []string
}

// Origin says where gauges come from: a step of the workflow of one scope. Each time that the step has ended its gauges
// take the place of those of the time before.
type Origin struct {
	WorkflowID, RunID, Step string
	// At is when the step began.
	At time.Time
}

// place is an origin whichever run it is.
type place struct{ workflow, step string }

// Collector holds what was measured and exports it. It is safe for concurrent use.
type Collector struct {
	mu       sync.Mutex
	scopes   map[place]*published
	counters map[series]float64
	families map[string]family
	// ended numbers the scopes as they end.
	ended int
}

// published are the gauges of a scope that has ended.
type published struct {
	origin Origin
	number int
	gauges map[series]float64
}

// series is one of a family: its name and the values of its labels.
type series struct{ name, labels string }

type family struct {
	description *prometheus.Desc
	kind        prometheus.ValueType
}

// New makes a collector without metrics.
func New() *Collector {
	return &Collector{scopes: map[place]*published{}, counters: map[series]float64{}, families: map[string]family{}}
}

// Describe implements prometheus.Collector. Nothing is promised: integrations say what they measure when they do.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. Of a series that two scopes have set the later one counts.
func (c *Collector) Collect(metrics chan<- prometheus.Metric) {
	for _, m := range c.snapshot() {
		metrics <- m
	}
}

func (c *Collector) snapshot() []prometheus.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	scopes := make([]*published, 0, len(c.scopes))
	for _, scope := range c.scopes {
		scopes = append(scopes, scope)
	}
	slices.SortFunc(scopes, func(a, b *published) int { return cmp.Compare(a.number, b.number) })
	values := map[series]float64{}
	for _, scope := range scopes {
		for at, value := range scope.gauges {
			values[at] = value
		}
	}
	for at, value := range c.counters {
		values[at] = value
	}
	metrics := make([]prometheus.Metric, 0, len(values))
	for at, value := range values {
		of := c.families[at.name]
		m, err := prometheus.NewConstMetric(of.description, of.kind, value, split(at.labels)...)
		if err != nil {
			m = prometheus.NewInvalidMetric(of.description, err)
		}
		metrics = append(metrics, m)
	}
	return metrics
}

// Forget drops the gauges of the origins that the function names: they were measured anew elsewhere, or are of something
// that is gone.
func (c *Collector) Forget(superseded func(Origin) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, scope := range c.scopes {
		if superseded(scope.origin) {
			delete(c.scopes, at)
		}
	}
}

// publish takes over what a scope has measured.
func (c *Collector) publish(s *Scope) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, of := range s.families {
		if _, known := c.families[name]; !known {
			c.families[name] = of
		}
	}
	for at, value := range s.counters {
		c.counters[at] += value
	}
	at := place{s.origin.WorkflowID, s.origin.Step}
	if len(s.gauges) == 0 {
		delete(c.scopes, at)
		return
	}
	c.ended++
	c.scopes[at] = &published{origin: s.origin, number: c.ended, gauges: s.gauges}
}

// separator ends each value of a label and is in none: it is not UTF-8.
const separator = "\xff"

func join(labels []string) string {
	var b strings.Builder
	for _, label := range labels {
		b.WriteString(label + separator)
	}
	return b.String()
}

func split(labels string) []string {
	if labels == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(labels, separator), separator)
}
