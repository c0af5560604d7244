package cluster

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// pageSize is how many objects a list asks for at a time.
const pageSize = 500

// estate reads and writes a cluster's objects behind the back of its clients: as the administrator, and without a call
// that Faults would count.
type estate struct {
	objects   dynamic.Interface
	discovery discovery.CachedDiscoveryInterface
	mapper    meta.ResettableRESTMapper
}

func (c *Cluster) estate() (*estate, error) {
	config := &rest.Config{Host: c.URL(), BearerToken: c.token, QPS: -1, Transport: inProcess{http.StripPrefix(c.base(), http.HandlerFunc(c.serve))}, WarningHandler: rest.NoWarnings{}}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	documents, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	cached := memory.NewMemCacheClient(documents)
	return &estate{objects: objects, discovery: cached, mapper: restmapper.NewDeferredDiscoveryRESTMapper(cached)}, nil
}

// resource returns the client of an object's resource, in its namespace where it has one.
func (e *estate) resource(kind schema.GroupVersionKind, namespace string) (dynamic.ResourceInterface, error) {
	mapping, err := e.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	namespaced := mapping.Scope.Name() == meta.RESTScopeNameNamespace
	switch {
	case namespaced && namespace == "":
		return nil, fmt.Errorf("a %s lives in a namespace: set metadata.namespace", kind.Kind)
	case !namespaced && namespace != "":
		return nil, fmt.Errorf("a %s lives in no namespace: remove metadata.namespace", kind.Kind)
	case namespaced:
		return e.objects.Resource(mapping.Resource).Namespace(namespace), nil
	default:
		return e.objects.Resource(mapping.Resource), nil
	}
}

// inProcess is a transport that calls a handler directly.
type inProcess struct{ handler http.Handler }

// RoundTrip returns the handler's answer.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(answer, r)
	return &http.Response{
		StatusCode: answer.status, Status: fmt.Sprintf("%d %s", answer.status, http.StatusText(answer.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: answer.header, Request: r,
		ContentLength: int64(answer.body.Len()), Body: io.NopCloser(&answer.body),
	}, nil
}

// recorder keeps an answer in memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) WriteHeader(status int)         { r.status = status }
func (r *recorder) Write(text []byte) (int, error) { return r.body.Write(text) }
