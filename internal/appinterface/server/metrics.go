package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are those of qontract-server, under the same names, in a registry of their own.
type metrics struct {
	registry  *prometheus.Registry
	reloads   prometheus.Counter
	datafiles *prometheus.GaugeVec
	bundles   prometheus.Gauge
	cached    prometheus.Gauge
	duration  *prometheus.HistogramVec
}

func newMetrics() (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		reloads: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "qontract_server_reloads_total", Help: "Number of bundles loaded.",
		}),
		datafiles: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "qontract_server_datafiles", Help: "Number of datafiles of a schema in the latest bundle.",
		}, []string{"schema"}),
		bundles: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "qontract_server_bundle_object_shas", Help: "Number of bundles that are served.",
		}),
		cached: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "qontract_server_bundle_cache_object_shas", Help: "Number of bundles with an expiry.",
		}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Duration of HTTP requests.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
		}, []string{"status_code", "method", "path"}),
	}
	process := prometheus.WrapRegistererWithPrefix("qontract_server_", m.registry)
	return m, errors.Join(
		m.registry.Register(m.reloads), m.registry.Register(m.datafiles), m.registry.Register(m.bundles),
		m.registry.Register(m.cached), m.registry.Register(m.duration),
		process.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		process.Register(collectors.NewGoCollector()),
	)
}

// show sets the gauges to the latest bundle and the number of bundles kept.
func (m *metrics) show(b *Bundle, kept int) {
	m.bundles.Set(float64(kept))
	m.cached.Set(float64(kept))
	m.datafiles.Reset()
	for name, files := range b.bySchema {
		m.datafiles.WithLabelValues(name).Set(float64(len(files)))
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// measure records the duration of every request. Paths are those of the routes, so that neither shas nor file names
// become label values.
func (m *metrics) measure(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(recorder, r)
		_, route := mux.Handler(r)
		if _, path, ok := strings.Cut(route, " "); ok {
			route = path
		}
		if route == "/graphqlsha/{sha}" {
			route = "/graphqlsha/#sha"
		}
		m.duration.WithLabelValues(fmt.Sprintf("%dxx", recorder.status/100), r.Method, route).Observe(time.Since(start).Seconds())
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
