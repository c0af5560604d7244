package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestServerWhatIsThereIsNotCreatedAgain(t *testing.T) {
	w := newWorld(t)
	first := w.configMap("settings", map[string]any{"mode": "fast"})
	require.NoError(t, w.Create(w.write, widgets, first))
	require.Empty(t, w.drift(first), "it is as if it had been applied")

	err := w.Create(w.write, widgets, w.configMap("settings", map[string]any{"mode": "slow"}))
	require.True(t, apierr.Is(err, apierr.Conflict), "%v", err)
	require.Equal(t, map[string]any{"mode": "fast"}, w.live(first)["data"])

	require.Error(t, w.Create(w.read, widgets, w.configMap("other", nil)), "outside apply nothing is written")
	nowhere := w.configMap("settings", nil)
	nowhere.Namespace += "-gone"
	require.True(t, apierr.Is(w.Create(w.write, widgets, nowhere), apierr.NotYet))
}
