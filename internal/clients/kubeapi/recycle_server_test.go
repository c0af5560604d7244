package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// recycled is when a workload was asked to restart its pods, nil where it was not.
func (w *world) recycled(workload kubeapi.Object) any {
	w.t.Helper()
	return inside(w.live(workload), "spec", "template", "metadata", "annotations", "recycle.time")
}

func recycling(o kubeapi.Object) kubeapi.Object {
	o.Body["metadata"].(map[string]any)["annotations"] = map[string]any{"qontract.recycle": "true"}
	return o
}

func TestServerPodsThatUseWhatChangesAreRestarted(t *testing.T) {
	const name = "shared"
	inVolume := map[string]map[string]any{
		"Secret":    {"name": "v", "secret": map[string]any{"secretName": name}},
		"ConfigMap": {"name": "v", "configMap": map[string]any{"name": name}},
	}
	inEnvironment := map[string]map[string]any{
		"Secret":    {"secretRef": map[string]any{"name": name}},
		"ConfigMap": {"configMapRef": map[string]any{"name": name}},
	}
	for kind, other := range map[string]string{"Secret": "ConfigMap", "ConfigMap": "Secret"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mounting := func(kind string) map[string]any { return map[string]any{"volumes": []any{inVolume[kind]}} }
			web, idle, db := deployment(w, "web", nil), deployment(w, "idle", nil), statefulSet(w, "db", "none", "1Gi")
			for _, workload := range []kubeapi.Object{web, idle, db} {
				require.NoError(t, w.Apply(w.write, widgets, workload))
			}
			w.pod("web-a", w.live(w.replicaSet(web, "serving", "quay.example/x:1")), mounting(kind))
			w.pod("idle-a", w.live(w.replicaSet(idle, "serving", "quay.example/x:1")), mounting(other))
			w.pod("alone", nil, mounting(kind))
			w.pod("db-0", w.live(db), map[string]any{"containers": []any{map[string]any{
				"name": "main", "image": "quay.example/x:1", "envFrom": []any{inEnvironment[kind]},
			}}})
			changed := func(value string) kubeapi.Object {
				return w.object("v1", kind, name, map[string]any{"data": map[string]any{"k": value}})
			}

			require.NoError(t, w.Apply(w.write, widgets, changed("b25l")))
			require.Nil(t, w.recycled(web), "not asked for")
			require.NoError(t, w.Apply(w.write, widgets, recycling(changed("dHdv"))))
			require.NotNil(t, w.recycled(web))
			require.NotNil(t, w.recycled(db))
			require.Nil(t, w.recycled(idle), "its pod uses another object of the name")

			when := w.recycled(web)
			require.Empty(t, w.drift(web), "the mark is no drift")
			require.NoError(t, w.Apply(w.write, widgets, web))
			require.Equal(t, when, w.recycled(web), "the mark stays, or the pods would be replaced once more")
		})
	}
}
