package metrics

import (
	"context"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Scope collects what one step measures. Nothing of it is exported before its end. It is safe for concurrent use.
type Scope struct {
	origin    Origin
	collector *Collector

	mu       sync.Mutex
	gauges   map[series]float64
	counters map[series]float64
	families map[string]family
}

// Begin opens a scope. What it sets is exported from End on, in place of what the same step of the same workflow had set
// before; counters are added to those that there are.
func (c *Collector) Begin(origin Origin) *Scope {
	s := newScope()
	s.origin, s.collector = origin, c
	return s
}

func newScope() *Scope {
	return &Scope{gauges: map[series]float64{}, counters: map[series]float64{}, families: map[string]family{}}
}

// Integration is that of the step; empty where the scope is exported by nobody.
func (s *Scope) Integration() string {
	integration, _, _ := strings.Cut(s.origin.Step, "/")
	return integration
}

// End exports what was measured. A step that failed ends too: what it has seen by then counts, as in the reference.
func (s *Scope) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.collector != nil {
		s.collector.publish(s)
	}
}

// Set sets a gauge; labels are in the order of the family's. A step that a run has several of must not set any.
func (s *Scope) Set(g Gauge, value float64, labels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gauges[s.series(g.Name, g.Help, g.Labels, prometheus.GaugeValue, labels)] = value
}

// Add increases a counter.
func (s *Scope) Add(c Counter, by float64, labels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters[s.series(c.Name, c.Help, c.Labels, prometheus.CounterValue, labels)] += by
}

// Tally counts something that was tried, and in a second counter whether it failed. Both are there from the first time on,
// so that the rate of failures can be told from no data.
func (s *Scope) Tally(tried, failed Counter, err error, labels ...string) {
	s.Add(tried, 1, labels...)
	failures := 0.0
	if err != nil {
		failures = 1
	}
	s.Add(failed, failures, labels...)
}

func (s *Scope) series(name, help string, names []string, kind prometheus.ValueType, labels []string) series {
	if _, known := s.families[name]; !known {
		s.families[name] = family{prometheus.NewDesc(name, help, names, nil), kind}
	}
	return series{name, join(labels)}
}

type contextKey struct{}

// Into returns a context in which From gives the scope.
func Into(ctx context.Context, s *Scope) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// From returns the scope of the step that ctx belongs to. Elsewhere it is one that nobody exports.
func From(ctx context.Context) *Scope {
	if s, ok := ctx.Value(contextKey{}).(*Scope); ok {
		return s
	}
	return newScope()
}
