package rehearse

import (
	"context"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/temporal"
)

// temporalTarget is a namespace of the stage's Temporal that is the case's alone, so that its schedules start nothing where
// the stage's worker is. The estate's file holds a temporal.Estate.
type temporalTarget struct {
	world *temporal.World
	// place is told of it while the target is there.
	place *temporalPlace
}

func startTemporal(ctx context.Context, s *Stage, _ string, text []byte) (target, error) {
	if s.schedules.Address == "" {
		return nil, apierr.Errorf(apierr.Invalid, "the estate's Temporal is the one of its worker: leave estate/temporal out")
	}
	world, err := s.schedules.World(ctx, text)
	if err != nil {
		return nil, err
	}
	config := world.Config()
	s.temporal.set(&config)
	return &temporalTarget{world: world, place: s.temporal}, nil
}

func (t *temporalTarget) URL() string { return t.world.URL() }

func (t *temporalTarget) Faults() *fault.Injector { return t.world.Faults }

func (t *temporalTarget) Dump(ctx context.Context, _ ...string) ([]byte, error) {
	return t.world.Dump(ctx)
}

func (t *temporalTarget) Hang() error {
	t.world.Hang()
	return nil
}

func (t *temporalTarget) Close() error {
	t.place.set(nil)
	ctx, cancel := context.WithTimeout(context.Background(), discardWithin)
	defer cancel()
	return t.world.Close(ctx)
}

// temporalPlace is where the current case has its schedules.
type temporalPlace struct {
	mu sync.Mutex
	// usual is the one of a live estate.
	usual, current *temporalapi.Config
}

func (p *temporalPlace) set(c *temporalapi.Config) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = c
}

// config is a clients.WithTemporal.
func (p *temporalPlace) config() (temporalapi.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.current != nil:
		return *p.current, nil
	case p.usual != nil:
		return *p.usual, nil
	}
	return temporalapi.Config{}, apierr.Errorf(apierr.Invalid, "the case has no Temporal: add estate/temporal/NAME.yaml")
}
