package kubeapi_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

var (
	_ plan.Item[kubeapi.Object]      = kubeapi.Object{}
	_ plan.Titled                    = kubeapi.Object{}
	_ plan.Explained[kubeapi.Object] = kubeapi.Object{}
)

func TestObjectSurvivesAPayload(t *testing.T) {
	o := kubeapi.Object{
		Cluster: "prod-1", Namespace: "team-a", Kind: "ResourceQuota", Name: "default", Privileged: true,
		Body: map[string]any{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": "default"},
			"spec": map[string]any{"int": int64(1), "float": 1.0, "small": 1e-7, "big": json.Number("123456789012345678901"), "list": []string{"<&>"}, "null": nil}},
	}
	before, err := kubeapi.Hash(o.Body)
	require.NoError(t, err)
	data, err := json.Marshal(o)
	require.NoError(t, err)
	var back kubeapi.Object
	require.NoError(t, json.Unmarshal(data, &back))
	after, err := kubeapi.Hash(back.Body)
	require.NoError(t, err)
	require.Equal(t, before, after)
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	back.Body, o.Body = nil, nil
	require.Equal(t, o, back)
}

func TestObjectNames(t *testing.T) {
	o := kubeapi.Object{Cluster: "prod-1", Namespace: "team-a", Kind: "ResourceQuota", Name: "default"}
	require.Equal(t, "team-a/ResourceQuota/default", o.Key())
	require.Equal(t, "ResourceQuota team-a/default in cluster prod-1", o.Title())
	require.Equal(t, "ClusterRole view in cluster prod-1", kubeapi.Object{Cluster: "prod-1", Kind: "ClusterRole", Name: "view"}.Title())
	require.True(t, o.Equal(kubeapi.Object{Conflict: "another caller"}), "a conflict is not for the plan to resolve")
	require.False(t, o.Equal(kubeapi.Object{Drift: "spec differs"}))
}

func TestSecretValuesNeverEnterAPayload(t *testing.T) {
	for _, field := range []string{"data", "stringData"} {
		o := kubeapi.Object{Cluster: "east", Namespace: "team", Kind: "Secret", Name: "creds", Body: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "creds"}, field: map[string]any{"k": "hunter2"},
		}}
		_, err := json.Marshal(o)
		require.ErrorContains(t, err, "Secret team/creds in cluster east holds secret values")
		require.NotContains(t, err.Error(), "hunter2")
		body := o.Body
		require.NoError(t, o.Withhold())
		data, err := json.Marshal(o)
		require.NoError(t, err)
		require.NotContains(t, string(data), "hunter2")
		require.ErrorContains(t, o.Restore(map[string]any{"kind": "Secret"}), "Secret team/creds in cluster east has become another one since it was planned")
		require.NoError(t, o.Restore(body))
		require.Equal(t, body, o.Body)
	}
}

func TestABodyThatIsSaidToHoldSecretsIsNotSerialised(t *testing.T) {
	desired := kubeapi.NewDesired("east")
	desired.Manage("team", "ConfigMap")
	body := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "settings"}, "data": map[string]any{"k": "hunter2"}}
	require.NoError(t, desired.AddSecret("team", body, false))
	object := desired.Objects()[0]
	_, err := json.Marshal(object)
	require.ErrorContains(t, err, "ConfigMap team/settings in cluster east holds secret values")
	require.NoError(t, object.Withhold())
	data, err := json.Marshal(object)
	require.NoError(t, err)
	require.NotContains(t, string(data), "hunter2")
}

func TestDesired(t *testing.T) {
	body := func(apiVersion, kind, name string) map[string]any {
		return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name}}
	}
	namespaced := body("v1", "ConfigMap", "a")
	namespaced["metadata"].(map[string]any)["namespace"] = "elsewhere"
	recycled := body("v1", "ConfigMap", "a")
	recycled["metadata"].(map[string]any)["annotations"] = map[string]any{"qontract.recycle": true}
	for _, tc := range []struct {
		name    string
		body    map[string]any
		message string
	}{
		{"a kind that is not managed", body("v1", "Secret", "s"), "Secret team/s in cluster east: the kind is not managed there; add it to managedResourceTypes"},
		{"a name that is not managed", body("route.openshift.io/v1", "Route", "other"), "Route team/other in cluster east: the name is not managed there; add it to managedResourceNames"},
		{"the same object twice", body("v1", "ConfigMap", "first"), "ConfigMap team/first in cluster east is desired twice; the first one counts"},
		{"a namespace of its own", namespaced, "ConfigMap team/a in cluster east: the object's own namespace is elsewhere; remove it or make it the same"},
		{"no name", body("v1", "ConfigMap", ""), "namespace team in cluster east: ConfigMap: the object has no metadata.name"},
		{"a name with a newline at its end", body("v1", "ConfigMap", "a\n"), `namespace team in cluster east: ConfigMap "a\n": the name must be a DNS-1123 subdomain of at most 253 characters`},
		{"a boolean that asks for restarts", recycled, `namespace team in cluster east: ConfigMap a: the annotation qontract.recycle must be text, write "true" with quotes`},
		{"a value that is not JSON", map[string]any{"kind": "ConfigMap", "data": make(chan int)}, "ConfigMap team/ in cluster east: data: a value of type chan int is not JSON: json: unsupported type: chan int"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			desired := kubeapi.NewDesired("east")
			desired.Manage("team", "ConfigMap")
			desired.Manage("team", "Route", "main")
			require.NoError(t, desired.Add("team", body("v1", "ConfigMap", "first"), false))
			err := desired.Add("team", tc.body, false)
			require.EqualError(t, err, tc.message)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.Len(t, desired.Objects(), 1, "the others stay")
		})
	}
	t.Run("the collection does not share what it was given", func(t *testing.T) {
		desired := kubeapi.NewDesired("east")
		desired.Manage("team", "ConfigMap")
		given := body("v1", "ConfigMap", "first")
		require.NoError(t, desired.Add("team", given, true))
		given["metadata"].(map[string]any)["name"] = "changed"
		require.Equal(t, "first", desired.Objects()[0].Body["metadata"].(map[string]any)["name"])
		require.True(t, desired.Objects()[0].Privileged)
		require.Equal(t, []kubeapi.Target{{Namespace: "team", Kind: "ConfigMap"}}, desired.Targets())
	})
}
