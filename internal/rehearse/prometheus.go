package rehearse

import (
	"context"
	"net/http/httptest"

	"github.com/app-sre/qontract-temporal/internal/standin/prometheus"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// prometheusTarget is a stand-in with one server. The estate's file holds a prometheus.Estate.
type prometheusTarget struct {
	prometheus *prometheus.Server
	faults     *fault.Injector
	server     *httptest.Server
}

func startPrometheus(_ context.Context, _ *Stage, _ string, text []byte) (target, error) {
	estate, err := prometheus.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &prometheusTarget{prometheus: prometheus.New(estate)}
	t.faults = fault.New(t.prometheus, prometheus.IsRead)
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

func (t *prometheusTarget) URL() string { return t.server.URL }

func (t *prometheusTarget) Faults() *fault.Injector { return t.faults }

func (t *prometheusTarget) Dump(context.Context, ...string) ([]byte, error) {
	return t.prometheus.Dump()
}

func (t *prometheusTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *prometheusTarget) Close() error { return t.Hang() }
