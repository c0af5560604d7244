package rehearse

import (
	"context"
	"fmt"
	"net/http/httptest"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/quay"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// quayTarget is a stand-in with one instance. The estate's file holds a quay.Instance.
type quayTarget struct {
	name   string
	quay   *quay.Server
	faults *fault.Injector
	server *httptest.Server
}

func startQuay(_ context.Context, _ *Stage, name string, text []byte) (target, error) {
	var fields map[string]any
	if err := yaml.UnmarshalStrict(text, &fields); err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	whole, err := yaml.Marshal(map[string]any{"instances": map[string]any{name: fields}})
	if err != nil {
		return nil, err
	}
	estate, err := quay.ParseEstate(whole)
	if err != nil {
		return nil, err
	}
	t := &quayTarget{name: name, quay: quay.New(estate)}
	t.faults = fault.New(t.quay.Handler(), nil)
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

func (t *quayTarget) URL() string { return t.server.URL }

func (t *quayTarget) Faults() *fault.Injector { return t.faults }

func (t *quayTarget) Dump(context.Context, ...string) ([]byte, error) {
	return yaml.Marshal(t.quay.Dump().Instances[t.name])
}

func (t *quayTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *quayTarget) Close() error { return t.Hang() }
