package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// restamp makes the live object one that was hashed in another way.
func (w *world) restamp(o kubeapi.Object) {
	w.t.Helper()
	w.raw("PATCH", o, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"qontract.sha256sum": "of another form"}}})
}

func TestFailureMode04_AHashOfAnotherFormRestartsNothing(t *testing.T) {
	w := newWorld(t)
	web := deployment(w, "web", []any{map[string]any{"name": "A", "value": "1"}})
	creds := recycling(w.object("v1", "Secret", "shared", map[string]any{"data": map[string]any{"k": "b25l"}}))
	require.NoError(t, w.Apply(w.write, widgets, web))
	w.pod("web-a", w.live(w.replicaSet(web, "serving", "quay.example/x:1")), map[string]any{
		"volumes": []any{map[string]any{"name": "v", "secret": map[string]any{"secretName": "shared"}}},
	})
	require.NoError(t, w.Apply(w.write, widgets, creds))
	require.NotNil(t, w.recycled(web), "the pod uses the secret: a change of it restarts the pod")
	w.raw("PATCH", web, map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": nil}}}})
	require.Nil(t, w.recycled(web))
	w.restamp(web)
	w.restamp(creds)
	spec := inside(w.live(web), "spec")

	for _, o := range []kubeapi.Object{web, creds} {
		found, err := kubeapi.Current(w.read, w.Client, widgets, []kubeapi.Object{o}, []kubeapi.Target{{Namespace: o.Namespace, Kind: o.Kind}}, kubeapi.Policy{})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.True(t, found[0].StampOnly, found[0].Drift)
		require.Equal(t, "it is as wanted, and its hash is not: it is stamped anew", found[0].Drift)
		require.NoError(t, w.Stamp(w.write, widgets, o))
		require.Empty(t, w.drift(o))
	}
	require.Nil(t, w.recycled(web), "no pod is restarted")
	require.Equal(t, spec, inside(w.live(web), "spec"))
}

func TestServerAFieldThatIsNoLongerWantedIsMoreThanAStamp(t *testing.T) {
	w := newWorld(t)
	o := w.configMap("settings", map[string]any{"mode": "fast", "size": "1"})
	require.NoError(t, w.Apply(w.write, widgets, o))
	o.Body["data"] = map[string]any{"mode": "fast"}
	found := w.current(widgets, kubeapi.Policy{}, o)
	require.False(t, found[0].StampOnly)
	require.Equal(t, "what is wanted has changed, though each wanted field has its value already", found[0].Drift)
}
