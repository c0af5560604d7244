package clients

import (
	"errors"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
)

var errNoTemporal = errors.New("this process is not connected to Temporal")

// Temporal manages the Temporal that runs this process's work. Identity is who makes changes, as it records them.
func (s *Set) Temporal(identity string) (*temporalapi.Client, error) {
	config, err := s.temporal()
	if err != nil {
		return nil, err
	}
	config.Identity = identity
	return temporalapi.New(config), nil
}
