package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestServerAnObjectIsRemovedAsItWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.configMap("nobodys", map[string]any{"k": "v"})
	w.raw("POST", o, o.Body)
	read, err := w.Get(w.read, "ConfigMap", w.namespace, "nobodys")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"k": "v"}, read["data"])

	require.True(t, apierr.Is(w.Remove(w.read, read), apierr.Guard), "nothing is removed without a grant")
	require.NoError(t, w.Remove(w.write, read))
	require.Nil(t, w.live(o))
	require.NoError(t, w.Remove(w.write, read), "gone is success")
	_, err = w.Get(w.read, "ConfigMap", w.namespace, "nobodys")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	_, err = w.Get(w.read, "Route.route.example.com", w.namespace, "nobodys")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)

	w.raw("POST", o, o.Body)
	err = w.Remove(w.write, read)
	require.True(t, apierr.Is(err, apierr.Conflict), "another one of the name stays: %v", err)
	require.NotNil(t, w.live(o))
}
