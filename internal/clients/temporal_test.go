package clients_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
)

func TestTheSetKnowsTemporalWhereItIsTold(t *testing.T) {
	_, err := clients.New(nil, nil).Temporal("integrations-manager")
	require.ErrorContains(t, err, "this process is not connected to Temporal")

	managed, err := clients.New(nil, nil, clients.WithTemporal(func() (temporalapi.Config, error) {
		return temporalapi.Config{Namespace: "production"}, nil
	})).Temporal("integrations-manager")
	require.NoError(t, err)
	require.Equal(t, "production", managed.Namespace)
	require.Equal(t, "integrations-manager", managed.Identity)
}
