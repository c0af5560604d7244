package kubeapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// api answers as an API server does, for what a real one cannot be made to say: expired pages, throttling, groups
// that do not answer. It serves Namespaces, ConfigMaps and Secrets.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
	// handle answers a request, or returns false to have the usual answer given.
	handle func(w http.ResponseWriter, r *http.Request) bool
	// configMaps are the names in each namespace.
	configMaps map[string][]string
	objects    []map[string]any
}

func newAPI(t *testing.T) *api {
	a := &api{configMaps: map[string][]string{}}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *api) client(t *testing.T) *kubeapi.Client {
	t.Helper()
	client, err := kubeapi.New(t.Context(), kubeapi.Config{Cluster: "east", Server: a.URL, Token: secret.New("t")})
	require.NoError(t, err)
	return client
}

// seen counts the requests to a path.
func (a *api) seen(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	count := 0
	for _, request := range a.requests {
		if request == path {
			count++
		}
	}
	return count
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// refusal is the Status that the API answers errors with.
func refusal(w http.ResponseWriter, code int, reason, message string) {
	answer(w, code, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message})
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests = append(a.requests, r.URL.Path)
	a.mu.Unlock()
	if a.handle != nil && a.handle(w, r) {
		return
	}
	resource := func(name, kind string, namespaced bool) map[string]any {
		return map[string]any{"name": name, "kind": kind, "namespaced": namespaced, "verbs": []string{"list"}}
	}
	switch r.URL.Path {
	case "/version":
		answer(w, 200, map[string]any{"major": "1"})
	case "/api":
		answer(w, 200, map[string]any{"kind": "APIVersions", "versions": []string{"v1"}})
	case "/apis":
		answer(w, 200, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}})
	case "/api/v1":
		answer(w, 200, map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{
			resource("namespaces", "Namespace", false), resource("configmaps", "ConfigMap", true), resource("secrets", "Secret", true),
		}})
	case "/api/v1/namespaces":
		items := []any{}
		for name := range a.configMaps {
			items = append(items, map[string]any{"metadata": map[string]any{"name": name}})
		}
		answer(w, 200, map[string]any{"items": items})
	case "/api/v1/configmaps":
		a.list(w, a.configMaps)
	default:
		var namespace string
		if _, err := fmt.Sscanf(r.URL.Path, "/api/v1/namespaces/%s", &namespace); err == nil {
			namespace = namespace[:max(0, len(namespace)-len("/configmaps"))]
			if names, ok := a.configMaps[namespace]; ok {
				a.list(w, map[string][]string{namespace: names})
				return
			}
		}
		refusal(w, 404, "NotFound", "no such path "+r.URL.Path)
	}
}

func (a *api) list(w http.ResponseWriter, names map[string][]string) {
	items := []any{}
	for namespace, all := range names {
		for _, name := range all {
			items = append(items, map[string]any{"metadata": map[string]any{"name": name, "namespace": namespace}})
		}
	}
	for _, object := range a.objects {
		items = append(items, object)
	}
	answer(w, 200, map[string]any{"items": items})
}
