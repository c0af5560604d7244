package kubeapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

var (
	widgets = kubeapi.Owner{Integration: "widget-sync", Version: "1.4.0"}
	gadgets = kubeapi.Owner{Integration: "gadget", Version: "1.4.0"}
)

const (
	// controllerTime bounds the wait for the cluster's controllers on a loaded machine.
	controllerTime = 20 * time.Second
	controllerTick = 20 * time.Millisecond
)

// world is a namespace of its own on a real API server.
type world struct {
	*kubeapi.Client
	t         testing.TB
	url       string
	token     string
	http      *http.Client
	namespace string
	read      context.Context
	write     context.Context
	// faults stands before the server in a world of newFaultyWorld, and is nil in others.
	faults *fault.Injector
}

// newWorld is a namespace on the server itself.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	return onServer(tb).inNamespace()
}

// newFaultyWorld is a namespace in a virtual cluster, whose calls can be made to fail. It has OpenShift's Routes.
func newFaultyWorld(tb testing.TB) *world {
	tb.Helper()
	kube := serverstest.Kube(tb)
	virtual, err := cluster.New(kube, cluster.Options{})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, virtual.Close()) })
	require.NoError(tb, virtual.Load(tb.Context(), []byte("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: routes.route.openshift.io}}")))
	return connect(tb, &world{url: virtual.URL(), token: kube.Token, http: &http.Client{}, faults: virtual.Faults}).inNamespace()
}

// onServer has no namespace.
func onServer(tb testing.TB) *world {
	tb.Helper()
	kube := serverstest.Kube(tb)
	transport, err := kube.Transport()
	require.NoError(tb, err)
	tb.Cleanup(transport.CloseIdleConnections)
	return connect(tb, &world{url: kube.URL, token: kube.Token, http: &http.Client{Transport: transport}})
}

func connect(tb testing.TB, w *world) *world {
	tb.Helper()
	client, err := kubeapi.New(tb.Context(), kubeapi.Config{Cluster: "east", Server: w.url, Token: secret.New(w.token), Insecure: true})
	require.NoError(tb, err)
	w.Client, w.t, w.read = client, tb, tb.Context()
	w.write = readonly.Grant(w.read)
	return w
}

func (w *world) inNamespace() *world {
	w.t.Helper()
	w.namespace = "t-" + strings.ToLower(rand.Text()[:10])
	require.NoError(w.t, w.CreateNamespace(w.write, w.namespace))
	if w.faults == nil {
		w.t.Cleanup(func() { _ = w.DeleteNamespace(w.cleanup(), w.namespace) })
	}
	return w
}

// cleanup is a context for what is done when the test's own has ended.
func (w *world) cleanup() context.Context { return context.WithoutCancel(w.write) }

func (w *world) object(apiVersion, kind, name string, fields map[string]any) kubeapi.Object {
	body := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name}}
	for key, value := range fields {
		body[key] = value
	}
	return kubeapi.Object{Cluster: "east", Namespace: w.namespace, Kind: kind, Name: name, Body: body}
}

func (w *world) configMap(name string, data map[string]any) kubeapi.Object {
	return w.object("v1", "ConfigMap", name, map[string]any{"data": data})
}

// live reads one object, nil where it is not there.
func (w *world) live(o kubeapi.Object) map[string]any {
	w.t.Helper()
	items, err := w.List(w.read, o.Kind, o.Namespace, "")
	require.NoError(w.t, err)
	for _, item := range items {
		if item["metadata"].(map[string]any)["name"] == o.Name {
			return item
		}
	}
	return nil
}

func (w *world) current(owner kubeapi.Owner, policy kubeapi.Policy, desired ...kubeapi.Object) []kubeapi.Object {
	w.t.Helper()
	targets := []kubeapi.Target{}
	for _, kind := range []string{"ConfigMap", "Secret", "LimitRange", "ResourceQuota", "Deployment", "Service"} {
		targets = append(targets, kubeapi.Target{Namespace: w.namespace, Kind: kind})
	}
	found, err := kubeapi.Current(w.read, w.Client, owner, desired, targets, policy)
	require.NoError(w.t, err)
	return found
}

// drift is why a desired object that is there has to be applied.
func (w *world) drift(o kubeapi.Object) string {
	w.t.Helper()
	targets := []kubeapi.Target{{Namespace: o.Namespace, Kind: o.Kind}}
	found, err := kubeapi.Current(w.read, w.Client, widgets, []kubeapi.Object{o}, targets, kubeapi.Policy{})
	require.NoError(w.t, err)
	for _, object := range found {
		if object.Key() == o.Key() {
			require.Empty(w.t, object.Conflict)
			return object.Drift
		}
	}
	require.Fail(w.t, "not there", o.Title())
	return ""
}

// raw writes an object as somebody else would: how is a method, with a subresource or a query where wanted
// ("POST?fieldManager=oc", "PATCH/status"). A patch is a merge patch. It returns the object as it then is.
func (w *world) raw(how string, o kubeapi.Object, body map[string]any) map[string]any {
	w.t.Helper()
	verb, query, _ := strings.Cut(how, "?")
	method, subresource, _ := strings.Cut(verb, "/")
	root := "/apis/"
	if o.Body["apiVersion"] == "v1" {
		root = "/api/"
	}
	path := root + o.Body["apiVersion"].(string) + "/namespaces/" + o.Namespace + "/" + strings.ToLower(o.Kind) + "s"
	if method != http.MethodPost {
		path += "/" + o.Name + "/" + subresource
	}
	data, err := json.Marshal(body)
	require.NoError(w.t, err)
	req, err := http.NewRequestWithContext(w.read, method, w.url+strings.TrimSuffix(path, "/")+"?"+query, bytes.NewReader(data))
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := w.http.Do(req)
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, resp.Body.Close()) }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	require.Less(w.t, resp.StatusCode, 300, "%s", answer)
	var stored map[string]any
	require.NoError(w.t, json.Unmarshal(answer, &stored))
	return stored
}

// inside is the value at a path of an object, nil where there is none.
func inside(body map[string]any, path ...string) any {
	var value any = body
	for _, key := range path {
		parent, _ := value.(map[string]any)
		value = parent[key]
	}
	return value
}

func uid(body map[string]any) any { return inside(body, "metadata", "uid") }
