package ocmapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestExternalLabels(t *testing.T) {
	client := serve(t, strings.Replace(estate, `    labels: {team.owner:`, `    externalLabels: {tier: gold, zone: "1"}
    labels: {team.owner:`, 1)).client(t, "bot", "hunter2")
	labels, err := client.ListExternalLabels(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"tier": "gold", "zone": "1"}, labels)
	labels, err = client.ListExternalLabels(t.Context(), "c2")
	require.NoError(t, err)
	require.Empty(t, labels)
	_, err = client.ListExternalLabels(t.Context(), "h1")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	_, err = client.ListExternalLabels(t.Context(), "x1")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}
