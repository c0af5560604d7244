package rehearse

import (
	"context"
	"net/http/httptest"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/standin/registry"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// registryTarget has all registries of a case. The estate's file holds a registry.Estate.
type registryTarget struct {
	registry *registry.Server
	faults   *fault.Injector
	server   *httptest.Server
	// place is told where registries are while the target is there.
	place *registryPlace
}

func startRegistry(_ context.Context, s *Stage, _ string, text []byte) (target, error) {
	estate, err := registry.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &registryTarget{place: s.registries}
	if t.registry, err = registry.New(estate); err != nil {
		return nil, err
	}
	t.faults = fault.New(t.registry, nil)
	t.server = httptest.NewServer(t.faults)
	t.place.set(t.URL())
	return t, nil
}

func (t *registryTarget) URL() string { return t.server.URL }

func (t *registryTarget) Faults() *fault.Injector { return t.faults }

func (t *registryTarget) Dump(context.Context, ...string) ([]byte, error) {
	return yaml.Marshal(t.registry.Dump())
}

func (t *registryTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *registryTarget) Close() error {
	t.place.set("")
	return t.Hang()
}

// registryPlace is where the current case has its registries. No case reaches real ones.
type registryPlace struct {
	mu  sync.Mutex
	url string
}

func (p *registryPlace) set(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// through is a registryapi.Options.Through.
func (p *registryPlace) through() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return "", apierr.Errorf(apierr.Invalid, "the case has no registry of images: add estate/registry/NAME.yaml")
	}
	return p.url, nil
}
