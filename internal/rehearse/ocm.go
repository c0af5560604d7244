package rehearse

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// ocmTarget is a stand-in with one environment. The estate's file holds an ocm.Estate.
type ocmTarget struct {
	ocm    *ocm.Server
	faults *fault.Injector
	server *httptest.Server
}

func startOCM(_ context.Context, _ *Stage, _ string, text []byte) (target, error) {
	estate, err := ocm.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &ocmTarget{ocm: ocm.New(estate)}
	t.faults = fault.New(t.ocm, ocm.IsRead)
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

// advance moves the clock.
func (t *ocmTarget) advance(by time.Duration) { t.ocm.Advance(by) }

func (t *ocmTarget) URL() string { return t.server.URL }

func (t *ocmTarget) Faults() *fault.Injector { return t.faults }

// Dump leaves out how administrators log in, which nothing changes: it has the tokens of this machine's clusters.
func (t *ocmTarget) Dump(context.Context, ...string) ([]byte, error) {
	text, err := t.ocm.Dump()
	if err != nil {
		return nil, err
	}
	var estate ocm.Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return nil, fmt.Errorf("read the estate again: %w", err)
	}
	for _, cluster := range estate.Clusters {
		cluster.Kubeconfig = nil
	}
	return yaml.Marshal(estate)
}

func (t *ocmTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *ocmTarget) Close() error { return t.Hang() }
