package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// operations is what people who run the worker look at.
type operations struct {
	registry *prometheus.Registry
	// handler takes the SDK's metrics and our own into the registry.
	handler client.MetricsHandler
	// measures and runs are what integrations and their steps say.
	measures *metrics.Collector
	runs     *metrics.Runs
}

func newOperations() (*operations, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		return nil, err
	}
	meter := metric.NewMeterProvider(metric.WithReader(exporter)).Meter("qontract-temporal")
	measures, runs := metrics.New(), metrics.NewRuns()
	registry.MustRegister(measures, runs)
	return &operations{registry: registry, measures: measures, runs: runs, handler: opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: meter, UseMonotonicCounters: true,
		// A metric that cannot be made is missing; that must not stop the work.
		OnError: func(error) {},
	})}, nil
}

// operationsServer serves health, readiness and metrics.
type operationsServer struct {
	address string
	ready   atomic.Bool
	http    *http.Server
}

const (
	checkTimeout = 5 * time.Second
	stopTimeout  = 5 * time.Second
)

func (o *operations) server(address string, c client.Client) *operationsServer {
	s := &operationsServer{address: address}
	mux := http.NewServeMux()
	// One value that is at fault hides no other.
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !s.ready.Load() {
			answer(w, errNotWorking)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
		answer(w, err)
	})
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: checkTimeout}
	return s
}

var errNotWorking = errors.New("the workers are starting or draining")

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// start serves in the background; the channel gets the error that ended it early.
func (s *operationsServer) start() (<-chan error, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.address)
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr().String()
	failed := make(chan error, 1)
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return failed, nil
}

func (s *operationsServer) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	_ = s.http.Shutdown(ctx)
}
