package kubeapi_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestNew(t *testing.T) {
	t.Run("a cluster that refuses connections is named with its address", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		address := "https://" + listener.Addr().String()
		require.NoError(t, listener.Close())
		_, err = kubeapi.New(t.Context(), kubeapi.Config{Cluster: "east", Server: address, Token: secret.New("hunter2")})
		require.ErrorContains(t, err, "[east] is unreachable at "+address+": ")
		require.True(t, apierr.Is(err, apierr.Unavailable))
		require.NotContains(t, err.Error(), "hunter2")
	})
	t.Run("a certificate that cannot be verified is refused", func(t *testing.T) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		_, err := kubeapi.New(t.Context(), kubeapi.Config{Cluster: "east", Server: server.URL})
		require.ErrorContains(t, err, "certificate")
	})
	t.Run("a cluster that accepts connections and does not answer ends with the deadline", func(t *testing.T) {
		hold := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
		defer server.Close()
		defer close(hold)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := kubeapi.New(ctx, kubeapi.Config{Cluster: "east", Server: server.URL})
		require.ErrorContains(t, err, "[east] is unreachable at "+server.URL)
		require.True(t, apierr.Is(err, apierr.Unavailable))
	})
	t.Run("a token that is not accepted is denied", func(t *testing.T) {
		a := newAPI(t)
		a.handle = func(w http.ResponseWriter, _ *http.Request) bool { refusal(w, 401, "Unauthorized", "no"); return true }
		_, err := kubeapi.New(t.Context(), kubeapi.Config{Cluster: "east", Server: a.URL})
		require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	})
}

func names(items []map[string]any) []string {
	var all []string
	for _, item := range items {
		all = append(all, item["metadata"].(map[string]any)["name"].(string))
	}
	return all
}

func TestFailureMode01_AListIsWholeOrAnError(t *testing.T) {
	// paged serves two pages; expire says whether the second is forgotten.
	paged := func(expire func() bool) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v1/namespaces/team/configmaps" {
				return false
			}
			item := func(name string) []any {
				return []any{map[string]any{"metadata": map[string]any{"name": name}, "data": map[string]any{"n": 1}}}
			}
			switch {
			case r.URL.Query().Get("continue") == "":
				answer(w, 200, map[string]any{"metadata": map[string]any{"continue": "more"}, "items": item("a")})
			case expire():
				refusal(w, 410, "Expired", "the continue parameter is too old")
			default:
				answer(w, 200, map[string]any{"items": item("b")})
			}
			return true
		}
	}
	t.Run("all pages are read, and items say what they are", func(t *testing.T) {
		a := newAPI(t)
		a.handle = paged(func() bool { return false })
		items, err := a.client(t).List(t.Context(), "ConfigMap", "team", "")
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, names(items))
		require.Equal(t, "ConfigMap", items[0]["kind"])
		require.Equal(t, int64(1), items[0]["data"].(map[string]any)["n"])
	})
	t.Run("a list whose next page is forgotten is read again from its start", func(t *testing.T) {
		a := newAPI(t)
		expired := false
		a.handle = paged(func() bool { before := expired; expired = true; return !before })
		items, err := a.client(t).List(t.Context(), "ConfigMap", "team", "")
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, names(items))
	})
	t.Run("a list that never ends in time is an error and not half a list", func(t *testing.T) {
		a := newAPI(t)
		a.handle = paged(func() bool { return true })
		items, err := a.client(t).List(t.Context(), "ConfigMap", "team", "")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.Nil(t, items)
	})
	t.Run("many namespaces are one list of the cluster", func(t *testing.T) {
		a := newAPI(t)
		wanted := many(a)
		a.configMaps["foreign"] = []string{"x"}
		items, err := a.client(t).ListKind(t.Context(), "ConfigMap", wanted)
		require.NoError(t, err)
		require.Len(t, items, len(wanted))
		require.Equal(t, 1, a.seen("/api/v1/configmaps"))
		require.Zero(t, a.seen("/api/v1/namespaces/ns-0/configmaps"))
	})
	t.Run("who may not list the cluster lists each namespace", func(t *testing.T) {
		a := newAPI(t)
		wanted := many(a)
		a.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v1/configmaps" {
				return false
			}
			refusal(w, 403, "Forbidden", "not you")
			return true
		}
		items, err := a.client(t).ListKind(t.Context(), "ConfigMap", wanted)
		require.NoError(t, err)
		require.Len(t, items, len(wanted))
	})
	t.Run("one namespace that cannot be read fails the whole list", func(t *testing.T) {
		a := newAPI(t)
		wanted := many(a)
		a.handle = func(w http.ResponseWriter, r *http.Request) bool {
			switch r.URL.Path {
			case "/api/v1/configmaps":
				refusal(w, 403, "Forbidden", "not you")
			case "/api/v1/namespaces/ns-7/configmaps":
				refusal(w, 500, "InternalError", "etcd is away")
			default:
				return false
			}
			return true
		}
		_, err := a.client(t).ListKind(t.Context(), "ConfigMap", wanted)
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "ns-7")
	})
}

func many(a *api) []string {
	var wanted []string
	for i := range 12 {
		namespace := fmt.Sprintf("ns-%d", i)
		a.configMaps[namespace] = []string{"a"}
		wanted = append(wanted, namespace)
	}
	return wanted
}

func TestThrottling(t *testing.T) {
	throttled := func(a *api, after string, times int) {
		a.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v1/namespaces/team/configmaps" || times == 0 {
				return false
			}
			times--
			w.Header().Set("Retry-After", after)
			refusal(w, 429, "TooManyRequests", "slow down")
			return true
		}
	}
	t.Run("a short wait is waited out", func(t *testing.T) {
		a := newAPI(t)
		a.configMaps["team"] = []string{"a"}
		throttled(a, "1", 1)
		items, err := a.client(t).List(t.Context(), "ConfigMap", "team", "")
		require.NoError(t, err)
		require.Len(t, items, 1)
	})
	t.Run("a long wait is handed up at once with its delay", func(t *testing.T) {
		a := newAPI(t)
		throttled(a, "120", -1)
		began := time.Now()
		_, err := a.client(t).List(t.Context(), "ConfigMap", "team", "")
		require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
		require.Equal(t, 2*time.Minute, apierr.RetryAfter(err))
		require.Less(t, time.Since(began), 5*time.Second)
		require.Equal(t, 1, a.seen("/api/v1/namespaces/team/configmaps"))
	})
	t.Run("a deadline ends the waiting", func(t *testing.T) {
		a := newAPI(t)
		throttled(a, "5", -1)
		client := a.client(t)
		_, err := client.Kind(t.Context(), "ConfigMap")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err = client.List(ctx, "ConfigMap", "team", "")
		require.Error(t, err)
		require.Less(t, time.Since(began), 3*time.Second)
	})
}

func TestAKindIsUnknownRatherThanMissingWhileGroupsDoNotAnswer(t *testing.T) {
	a := newAPI(t)
	broken := true
	a.handle = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/apis":
			version := map[string]any{"groupVersion": "metrics.k8s.io/v1", "version": "v1"}
			answer(w, 200, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{
				map[string]any{"name": "metrics.k8s.io", "versions": []any{version}, "preferredVersion": version},
			}})
		case r.URL.Path == "/apis/metrics.k8s.io/v1" && broken:
			refusal(w, 503, "ServiceUnavailable", "no endpoints")
		default:
			return false
		}
		return true
	}
	client := a.client(t)
	_, err := client.Supported(t.Context(), "Route")
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "metrics.k8s.io/v1")
	_, err = client.Kind(t.Context(), "ConfigMap")
	require.NoError(t, err, "kinds that are known stay usable")
}

func TestErrorsAboutSecretsShowNoValue(t *testing.T) {
	a := newAPI(t)
	a.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		answer(w, 422, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 422, "reason": "Invalid",
			"message": `Secret "creds" is invalid: data[k]: Invalid value: "hunter2"`,
			"details": map[string]any{"causes": []any{map[string]any{"reason": "FieldValueInvalid", "message": `Invalid value: "hunter2"`, "field": "data[k]"}}}})
		return true
	}
	o := kubeapi.Object{Cluster: "east", Namespace: "team", Kind: "Secret", Name: "creds", Body: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "creds"}, "data": map[string]any{"k": "hunter2"},
	}}
	err := a.client(t).Apply(readonly.Grant(t.Context()), widgets, o)
	require.EqualError(t, err, "apply Secret team/creds in cluster east: 422 Invalid, data[k]: FieldValueInvalid (the server's message is withheld, it may show secret values)")
	require.NotContains(t, fmt.Sprintf("%+v %#v", err, unwrap(err)), "hunter2")
}

func TestCurrentListsAsTheReference(t *testing.T) {
	a := newAPI(t)
	a.configMaps["shop"] = []string{"a", "c", "Bad_Name"}
	read := func(owner kubeapi.Owner, policy kubeapi.Policy, targets ...kubeapi.Target) []string {
		found, err := kubeapi.Current(t.Context(), a.client(t), owner, nil, targets, policy)
		require.NoError(t, err)
		keys := []string{}
		for _, o := range found {
			keys = append(keys, o.Key())
		}
		return keys
	}
	shop := kubeapi.Target{Namespace: "shop", Kind: "ConfigMap"}
	require.Equal(t, []string{"shop/ConfigMap/Bad_Name", "shop/ConfigMap/a", "shop/ConfigMap/c"}, read(widgets, kubeapi.Policy{TakeOver: true}, shop))
	require.Empty(t, read(widgets, kubeapi.Policy{}, shop), "foreign objects stay out of sight")
	shop.Names = []string{"c", "other"}
	require.Equal(t, []string{"shop/ConfigMap/c"}, read(widgets, kubeapi.Policy{TakeOver: true}, shop), "only managed names")
	require.Empty(t, read(widgets, kubeapi.Policy{TakeOver: true}, kubeapi.Target{Namespace: "shop", Kind: "Route"}), "a kind that is not served")
	require.Empty(t, read(widgets, kubeapi.Policy{TakeOver: true}, kubeapi.Target{Namespace: "gone", Kind: "ConfigMap"}), "a namespace that is not there")
}

func TestCurrentWithoutTheRightToListNamespacesReadsThemAll(t *testing.T) {
	a := newAPI(t)
	a.configMaps["shop"] = []string{"a"}
	a.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/namespaces" {
			return false
		}
		refusal(w, 403, "Forbidden", "not you")
		return true
	}
	found, err := kubeapi.Current(t.Context(), a.client(t), widgets, nil, []kubeapi.Target{{Namespace: "shop", Kind: "ConfigMap"}}, kubeapi.Policy{TakeOver: true})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestWhatIsDesiredOutsideTheTargetsIsNeitherReturnedNorDeleted(t *testing.T) {
	a := newAPI(t)
	a.configMaps["shop"], a.configMaps["bank"] = []string{"a"}, []string{"b"}
	desired := []kubeapi.Object{{Cluster: "east", Namespace: "bank", Kind: "ConfigMap", Name: "b", Privileged: true, Body: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "b"},
	}}}
	found, err := kubeapi.Current(t.Context(), a.client(t), widgets, desired, []kubeapi.Target{{Namespace: "shop", Kind: "ConfigMap"}}, kubeapi.Policy{TakeOver: true})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "shop/ConfigMap/a", found[0].Key())
}

func TestOpenShiftNamespacesAreProjects(t *testing.T) {
	a := newAPI(t)
	var written []string
	a.handle = func(w http.ResponseWriter, r *http.Request) bool {
		version := map[string]any{"groupVersion": "project.openshift.io/v1", "version": "v1"}
		switch {
		case r.URL.Path == "/apis":
			answer(w, 200, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{
				map[string]any{"name": "project.openshift.io", "versions": []any{version}, "preferredVersion": version},
			}})
		case r.URL.Path == "/apis/project.openshift.io/v1":
			answer(w, 200, map[string]any{"kind": "APIResourceList", "groupVersion": "project.openshift.io/v1", "resources": []any{
				map[string]any{"name": "projects", "kind": "Project"}, map[string]any{"name": "projectrequests", "kind": "ProjectRequest"},
			}})
		case r.Method == http.MethodPost:
			written = append(written, r.URL.Path)
			refusal(w, 409, "AlreadyExists", "there already")
		case r.Method == http.MethodGet && r.URL.Path == "/apis/project.openshift.io/v1/projects/shop":
			answer(w, 200, map[string]any{"kind": "Project", "metadata": map[string]any{"name": "shop"}})
		case r.Method == http.MethodDelete:
			written = append(written, r.URL.Path)
			refusal(w, 404, "NotFound", "gone")
		default:
			return false
		}
		return true
	}
	client := a.client(t)
	ctx := readonly.Grant(t.Context())
	require.NoError(t, client.CreateNamespace(ctx, "shop"), "there already is fine")
	require.NoError(t, client.DeleteNamespace(ctx, "shop"), "gone is fine")
	require.Equal(t, []string{"/apis/project.openshift.io/v1/projectrequests", "/apis/project.openshift.io/v1/projects/shop"}, written)
}
