package metrics_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

var (
	replicas = metrics.Gauge{Name: "demo_replicas", Help: "Replicas.", Labels: []string{"integration", "cluster"}}
	clusters = metrics.Gauge{Name: "demo_clusters", Help: "Clusters."}
	tried    = metrics.Counter{Name: "demo_reconciled", Help: "Tries.", Labels: []string{"integration"}}
	failed   = metrics.Counter{Name: "demo_reconcile_errors", Help: "Failures.", Labels: []string{"integration"}}
)

// step is one that runs in a scope's workflow.
func step(name, run string) metrics.Origin {
	return metrics.Origin{WorkflowID: name, RunID: run, Step: "diff"}
}

// exported are the series as they are scraped, without help and type.
func exported(t *testing.T, c prometheus.Collector) []string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	var lines []string
	for _, family := range families {
		var text strings.Builder
		_, err := expfmt.MetricFamilyToText(&text, family)
		require.NoError(t, err)
		for line := range strings.Lines(text.String()) {
			if !strings.HasPrefix(line, "#") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}

func TestWhatIsExported(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(c *metrics.Collector)
		want []string
	}{
		{"nothing before a scope ends", func(c *metrics.Collector) {
			c.Begin(step("x/prod-1", "1")).Set(replicas, 3, "x", "prod-1")
		}, nil},
		{"the gauges of a scope that has ended", func(c *metrics.Collector) {
			s := c.Begin(step("x/prod-1", "1"))
			s.Set(replicas, 3, "x", "prod-1")
			s.Set(replicas, 4, "x", "prod-1")
			s.Set(clusters, 1)
			s.End()
		}, []string{`demo_clusters 1`, `demo_replicas{cluster="prod-1",integration="x"} 4`}},
		{"a label may be empty", func(c *metrics.Collector) {
			s := c.Begin(step("x", "1"))
			s.Add(tried, 1, "")
			s.End()
		}, []string{`demo_reconciled{integration=""} 1`}},
		{"a target that the next run does not set vanishes", func(c *metrics.Collector) {
			s := c.Begin(step("x", "1"))
			s.Set(replicas, 3, "x", "prod-1")
			s.Set(replicas, 5, "x", "prod-2")
			s.End()
			s = c.Begin(step("x", "2"))
			s.Set(replicas, 4, "x", "prod-2")
			s.End()
		}, []string{`demo_replicas{cluster="prod-2",integration="x"} 4`}},
		{"a run that goes on leaves the one before in place", func(c *metrics.Collector) {
			s := c.Begin(step("x", "1"))
			s.Set(replicas, 3, "x", "prod-1")
			s.End()
			c.Begin(step("x", "2")).Set(replicas, 9, "x", "prod-1")
		}, []string{`demo_replicas{cluster="prod-1",integration="x"} 3`}},
		{"a run that sets nothing leaves nothing", func(c *metrics.Collector) {
			s := c.Begin(step("x", "1"))
			s.Set(replicas, 3, "x", "prod-1")
			s.End()
			c.Begin(step("x", "2")).End()
		}, nil},
		{"scopes do not touch each other, and steps neither", func(c *metrics.Collector) {
			for i, at := range []metrics.Origin{step("x/a", "1"), step("x/b", "1"), {WorkflowID: "x/a", RunID: "1", Step: "open"}} {
				s := c.Begin(at)
				s.Set(replicas, float64(i), "x", strconv.Itoa(i))
				s.End()
			}
			c.Begin(step("x/b", "2")).End()
		}, []string{`demo_replicas{cluster="0",integration="x"} 0`, `demo_replicas{cluster="2",integration="x"} 2`}},
		{"of a series that two scopes set the later one counts", func(c *metrics.Collector) {
			for i, name := range []string{"x/b", "x/a"} {
				s := c.Begin(step(name, "1"))
				s.Set(clusters, float64(i+1))
				s.End()
			}
		}, []string{`demo_clusters 2`}},
		{"counters add up over runs and scopes", func(c *metrics.Collector) {
			for _, name := range []string{"x/a", "x/b", "x/a"} {
				s := c.Begin(step(name, name))
				s.Add(tried, 2, "x")
				s.End()
			}
		}, []string{`demo_reconciled{integration="x"} 6`}},
		{"what failed is counted beside what was tried, and the pair is there from the first time on", func(c *metrics.Collector) {
			for _, name := range []string{"x", "y", "x"} {
				s := c.Begin(step(name, name))
				var err error
				if name == "x" {
					err = errors.New("refused")
				}
				s.Tally(tried, failed, err, name)
				s.End()
			}
		}, []string{
			`demo_reconcile_errors{integration="x"} 2`, `demo_reconcile_errors{integration="y"} 0`,
			`demo_reconciled{integration="x"} 2`, `demo_reconciled{integration="y"} 1`,
		}},
		{"what was measured anew elsewhere is forgotten, by its run", func(c *metrics.Collector) {
			for _, name := range []string{"x/a", "x/b"} {
				s := c.Begin(step(name, "run of "+name))
				s.Set(replicas, 1, "x", name)
				s.Add(tried, 1, "x")
				s.End()
			}
			c.Forget(func(o metrics.Origin) bool {
				return o == metrics.Origin{WorkflowID: "x/a", RunID: "run of x/a", Step: "diff"}
			})
		}, []string{`demo_reconciled{integration="x"} 2`, `demo_replicas{cluster="x/b",integration="x"} 1`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := metrics.New()
			tc.do(c)
			require.Equal(t, tc.want, exported(t, c))
		})
	}
}

func TestALabelThatIsMissingSpoilsOnlyItsOwnSeries(t *testing.T) {
	c := metrics.New()
	s := c.Begin(step("x", "1"))
	s.Set(replicas, 1, "x")
	s.Set(clusters, 2)
	s.End()
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.ErrorContains(t, err, "demo_replicas")
	require.Len(t, families, 1)
	require.Equal(t, "demo_clusters", families[0].GetName())
}

func TestAStepFindsItsScopeInItsContext(t *testing.T) {
	c := metrics.New()
	s := c.Begin(step("x", "1"))
	metrics.From(metrics.Into(t.Context(), s)).Set(clusters, 7)
	metrics.From(t.Context()).Set(clusters, 8)
	s.End()
	require.Equal(t, []string{`demo_clusters 7`}, exported(t, c))
}

func TestScopesOfManyRunsAtOnce(t *testing.T) {
	c := metrics.New()
	var running sync.WaitGroup
	for run := range 20 {
		running.Go(func() {
			s := c.Begin(step("x/"+strconv.Itoa(run%4), strconv.Itoa(run)))
			for i := range 10 {
				s.Set(replicas, 1, strconv.Itoa(run), strconv.Itoa(i))
				s.Add(tried, 1, "x")
			}
			s.End()
			exports := make(chan prometheus.Metric, 1000)
			c.Collect(exports)
		})
	}
	running.Wait()
	lines := exported(t, c)
	require.Len(t, lines, 4*10+1, "each of four scopes has the gauges of one run, never of two")
	require.Equal(t, `demo_reconciled{integration="x"} 200`, lines[0])
}
