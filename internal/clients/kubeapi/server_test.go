package kubeapi_test

import (
	"encoding/base64"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestServerWhatWasAppliedIsInSync(t *testing.T) {
	w := newWorld(t)
	for _, o := range []kubeapi.Object{
		w.configMap("settings", map[string]any{"mode": "fast"}),
		w.object("v1", "Secret", "creds", map[string]any{"stringData": map[string]any{"user": "ann", "empty": ""}}),
		w.object("v1", "LimitRange", "limits", map[string]any{"spec": map[string]any{"limits": []any{
			map[string]any{"type": "Container", "default": map[string]any{"cpu": "0.5", "memory": "1024Mi"}},
		}}}),
		w.object("v1", "ResourceQuota", "quota", map[string]any{"spec": map[string]any{"hard": map[string]any{"pods": 0, "requests.memory": "1.5Gi"}}}),
		deployment(w, "web", []any{map[string]any{"name": "EMPTY", "value": ""}}),
		w.object("v1", "Service", "web", map[string]any{"spec": map[string]any{"ports": []any{map[string]any{"port": 80}}}}),
	} {
		t.Run(o.Kind, func(t *testing.T) {
			require.Empty(t, w.live(o))
			require.NoError(t, w.Apply(w.write, widgets, o))
			require.NoError(t, w.Apply(w.write, widgets, o), "applying again")
			found := w.current(widgets, kubeapi.Policy{}, o)
			index := -1
			for i := range found {
				if found[i].Key() == o.Key() {
					index = i
				}
			}
			require.GreaterOrEqual(t, index, 0)
			require.Empty(t, found[index].Drift)
		})
	}
}

func TestServerAFieldThatIsNullIsNotWanted(t *testing.T) {
	w := newWorld(t)
	limits := func(cpu any) kubeapi.Object {
		return w.object("v1", "LimitRange", "limits", map[string]any{"spec": map[string]any{"limits": []any{
			map[string]any{"type": "Container", "default": map[string]any{"cpu": cpu, "memory": "512Mi"}},
		}}})
	}
	applied := func() any {
		return w.live(limits(nil))["spec"].(map[string]any)["limits"].([]any)[0].(map[string]any)["default"]
	}
	require.NoError(t, w.Apply(w.write, widgets, limits(nil)))
	require.Equal(t, map[string]any{"memory": "512Mi"}, applied())
	require.Empty(t, w.drift(limits(nil)))

	require.NoError(t, w.Apply(w.write, widgets, limits("500m")))
	require.Equal(t, map[string]any{"cpu": "500m", "memory": "512Mi"}, applied())
	require.NotEmpty(t, w.drift(limits(nil)), "it is there and not wanted")
	require.NoError(t, w.Apply(w.write, widgets, limits(nil)))
	require.Equal(t, map[string]any{"memory": "512Mi"}, applied())
	require.Empty(t, w.drift(limits(nil)))
}

func TestServerDriftIsFoundAndMended(t *testing.T) {
	w := newWorld(t)
	o := w.configMap("settings", map[string]any{"mode": "fast", "size": "1"})
	require.NoError(t, w.Apply(w.write, widgets, o))
	edited := w.live(o)
	edited["data"].(map[string]any)["mode"] = "slow"
	edited["data"].(map[string]any)["theirs"] = "kept"
	w.raw("PUT", o, edited)

	require.Equal(t, `changed in the cluster: data.mode is "slow", wanted "fast"`, w.current(widgets, kubeapi.Policy{}, o)[0].Drift)
	require.NoError(t, w.Apply(w.write, widgets, o))
	require.Empty(t, w.current(widgets, kubeapi.Policy{}, o)[0].Drift)

	o.Body["data"] = map[string]any{"mode": "fast"}
	require.NotEmpty(t, w.current(widgets, kubeapi.Policy{}, o)[0].Drift, "a removed field is a change")
	require.NoError(t, w.Apply(w.write, widgets, o))
	require.Equal(t, map[string]any{"mode": "fast", "theirs": "kept"}, w.live(o)["data"])
}

func TestServerFieldsOfClientSideApplyAreTakenOver(t *testing.T) {
	for _, manager := range []string{"kubectl-client-side-apply", "kubectl-create", "oc"} {
		t.Run(manager, func(t *testing.T) {
			w := newWorld(t)
			o := w.configMap("settings", map[string]any{"mode": "fast", "old": "1"})
			o.Body["metadata"].(map[string]any)["annotations"] = map[string]any{"kubectl.kubernetes.io/last-applied-configuration": "{}"}
			w.raw("POST?fieldManager="+manager, o, o.Body)
			o = w.configMap("settings", map[string]any{"mode": "fast"})
			require.NoError(t, w.Apply(w.write, widgets, o))
			require.Equal(t, map[string]any{"mode": "fast"}, w.live(o)["data"])
			require.NotContains(t, w.live(o)["metadata"].(map[string]any)["annotations"], "kubectl.kubernetes.io/last-applied-configuration")
			require.Empty(t, w.current(widgets, kubeapi.Policy{}, o)[0].Drift)
		})
	}
}

func TestServerOnlyOwnObjectsAreDeleted(t *testing.T) {
	w := newWorld(t)
	mine, theirs, nobodys := w.configMap("mine", nil), w.configMap("theirs", nil), w.configMap("nobodys", nil)
	require.NoError(t, w.Apply(w.write, widgets, mine))
	require.NoError(t, w.Apply(w.write, gadgets, theirs))
	w.raw("POST", nobodys, nobodys.Body)

	found := w.current(widgets, kubeapi.Policy{})
	require.Len(t, found, 1)
	require.Equal(t, mine.Key(), found[0].Key())

	err := w.Delete(w.write, widgets, kubeapi.Policy{}, theirs)
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	require.NotNil(t, w.live(theirs))

	require.NoError(t, w.Delete(w.write, widgets, kubeapi.Policy{}, found[0]))
	require.Nil(t, w.live(mine))
	require.NoError(t, w.Delete(w.write, widgets, kubeapi.Policy{}, found[0]), "gone is success")
}

func TestServerImmutableSecretIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	o := w.object("v1", "Secret", "creds", map[string]any{"type": "example.com/a", "stringData": map[string]any{"k": "hunter2"}})
	require.NoError(t, w.Apply(w.write, widgets, o))
	uid := w.live(o)["metadata"].(map[string]any)["uid"]
	o.Body["type"] = "example.com/b"
	require.NoError(t, w.Apply(w.write, widgets, o))
	require.Equal(t, "example.com/b", w.live(o)["type"])
	require.NotEqual(t, uid, w.live(o)["metadata"].(map[string]any)["uid"])
}

func TestServerErrorsAboutSecretsShowNoValue(t *testing.T) {
	w := newWorld(t)
	value := base64.StdEncoding.EncodeToString([]byte("hunter2"))
	other := w.object("v1", "Service", "creds", map[string]any{"spec": map[string]any{"clusterIP": value, "ports": []any{map[string]any{"port": 80}}}})
	other.Secret = true
	for _, o := range []kubeapi.Object{
		w.object("v1", "Secret", "creds", map[string]any{"type": "kubernetes.io/tls", "data": map[string]any{"tls.crt": value}}), other,
	} {
		err := w.Apply(w.write, widgets, o)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, o.Kind+" "+w.namespace+"/creds in cluster east")
		for cause := err; cause != nil; cause = unwrap(cause) {
			require.NotContains(t, cause.Error(), value)
			require.NotContains(t, fmt.Sprintf("%#v", cause), value)
		}
	}
}

func unwrap(err error) error {
	if wrapper, ok := err.(interface{ Unwrap() error }); ok {
		return wrapper.Unwrap()
	}
	return nil
}

func TestServerMissingNamespaceIsNotYet(t *testing.T) {
	w := newWorld(t)
	o := w.configMap("a", nil)
	o.Namespace = w.namespace + "-missing"
	err := w.Apply(w.write, widgets, o)
	require.True(t, apierr.Is(err, apierr.NotYet), "%v", err)
	require.ErrorContains(t, err, "namespace "+o.Namespace+" does not exist yet in cluster east")

	found, err := kubeapi.Current(w.read, w.Client, widgets, []kubeapi.Object{o}, []kubeapi.Target{{Namespace: o.Namespace, Kind: "ConfigMap"}}, kubeapi.Policy{})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestServerAnObjectThatCannotBeAppliedIsStored(t *testing.T) {
	w := newWorld(t)
	twice := []any{map[string]any{"name": "A", "value": "1"}, map[string]any{"name": "A", "value": "2"}}
	o := deployment(w, "web", twice)
	require.NoError(t, w.Apply(w.write, widgets, o), "created")
	require.NoError(t, w.Apply(w.write, widgets, o), "replaced")
	require.Empty(t, w.current(widgets, kubeapi.Policy{}, o)[0].Drift)
}

func TestServerServiceWithAnotherAddressIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	spec := func(ip string) map[string]any {
		spec := map[string]any{"ports": []any{map[string]any{"port": 80}}}
		if ip != "" {
			spec["clusterIP"] = ip
		}
		return map[string]any{"spec": spec}
	}
	require.NoError(t, w.Apply(w.write, widgets, w.object("v1", "Service", "web", spec(""))))
	o := w.object("v1", "Service", "web", spec("None"))
	require.NoError(t, w.Apply(w.write, widgets, o))
	require.Equal(t, "None", w.live(o)["spec"].(map[string]any)["clusterIP"])
}

func TestServerNothingIsWrittenWithoutAGrant(t *testing.T) {
	w := newWorld(t)
	o := w.configMap("a", nil)
	err := w.Apply(w.read, widgets, o)
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	require.Nil(t, w.live(o))
	changes, err := w.WouldChange(w.read, widgets, o, nil)
	require.NoError(t, err, "a dry run of the server reads")
	require.True(t, changes)
}

func TestServerKinds(t *testing.T) {
	w := newWorld(t)
	for _, tc := range []struct{ name, version string }{
		{"Deployment", "apps/v1"},
		{"Deployment.apps", "apps/v1"},
		{"Deployment.apps/v1", "apps/v1"},
		{"Event", "v1"},
		{"Event.events.k8s.io", "events.k8s.io/v1"},
	} {
		kind, err := w.Kind(w.read, tc.name)
		require.NoError(t, err)
		require.Equal(t, tc.version, kind.APIVersion(), tc.name)
	}
	served, err := w.Supported(w.read, "Teapot.example.com")
	require.NoError(t, err)
	require.False(t, served)
	_, err = w.Kind(w.read, "Deployment.batch")
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "cluster east serves no kind Deployment.batch")
}

func TestServerNamespaces(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.CreateNamespace(w.write, w.namespace), "there already")
	exists, err := w.NamespaceExists(w.read, w.namespace)
	require.NoError(t, err)
	require.True(t, exists)
	all, err := w.Namespaces(w.read)
	require.NoError(t, err)
	require.True(t, all[w.namespace])
	require.NoError(t, w.DeleteNamespace(w.write, w.namespace+"-missing"))
}

func TestServerClusterScopedObjects(t *testing.T) {
	w := newWorld(t)
	o := w.object("rbac.authorization.k8s.io/v1", "ClusterRole", w.namespace+":reader", map[string]any{"rules": []any{
		map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": []any{"get"}},
	}})
	targets := []kubeapi.Target{{Namespace: w.namespace, Kind: "ClusterRole", Names: []string{o.Name}}}
	require.NoError(t, w.Apply(w.write, widgets, o), "declared in a namespace")
	found, err := kubeapi.Current(w.read, w.Client, widgets, []kubeapi.Object{o}, targets, kubeapi.Policy{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Empty(t, found[0].Drift)

	found, err = kubeapi.Current(w.read, w.Client, widgets, nil, targets, kubeapi.Policy{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, w.Delete(w.write, widgets, kubeapi.Policy{}, found[0]))
	found, err = kubeapi.Current(w.read, w.Client, widgets, nil, targets, kubeapi.Policy{})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestServerADeletedObjectThatLingersIsOutOfSight(t *testing.T) {
	w := newWorld(t)
	o := w.configMap("held", map[string]any{"a": "1"})
	o.Body["metadata"].(map[string]any)["finalizers"] = []any{"example.com/hold"}
	require.NoError(t, w.Apply(w.write, widgets, o))
	require.NoError(t, w.Delete(w.write, widgets, kubeapi.Policy{}, o))
	require.Empty(t, w.current(widgets, kubeapi.Policy{}), "it is on its way out already")
	found := w.current(widgets, kubeapi.Policy{}, o)
	require.Equal(t, "it is being deleted", found[0].Drift)
	err := w.Apply(w.write, widgets, o)
	require.True(t, apierr.Is(err, apierr.NotYet), "%v", err)

	released := w.configMap("held", map[string]any{"a": "1"})
	err = w.Apply(w.write, widgets, released)
	require.NoError(t, ignoreNotYet(err), "without the finalizer it goes with the apply")
	require.NoError(t, w.Apply(w.write, widgets, released))
	require.NotNil(t, w.live(released))
}

func ignoreNotYet(err error) error {
	if apierr.Is(err, apierr.NotYet) {
		return nil
	}
	return err
}

func TestServerManyObjectsAreReadPageByPage(t *testing.T) {
	w := newWorld(t)
	const count = 520
	var group sync.WaitGroup
	slots := make(chan struct{}, 20)
	for i := range count {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			_ = w.Apply(w.write, widgets, w.configMap(fmt.Sprintf("m-%03d", i), map[string]any{"a": "1"}))
		})
	}
	group.Wait()
	found := w.current(widgets, kubeapi.Policy{}, w.configMap("m-000", map[string]any{"a": "1"}))
	require.Len(t, found, count)
	require.Empty(t, found[0].Drift)
}
