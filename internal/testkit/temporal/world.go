// Package temporal gives a case a Temporal of its own on a shared real one: a namespace in which no worker is, so that its
// schedules start nothing, and a place before it where calls are recorded and fail.
package temporal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// Server is a Temporal server whose namespaces worlds take in turn: a new one answers its first call about schedules two
// seconds late.
type Server struct {
	// Address is that of its gRPC frontend.
	Address string
	// Converter is what the payloads go through.
	Converter converter.DataConverter

	mu sync.Mutex
	// free are namespaces without schedules, by the versions that they have.
	free map[string][]string
}

// take returns a namespace, and whether it is new.
func (s *Server) take(versions string) (namespace string, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := s.free[versions]
	if len(free) == 0 {
		return "world-" + rand.Text(), true
	}
	s.free[versions] = free[1:]
	return free[0], false
}

func (s *Server) release(versions, namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == nil {
		s.free = map[string][]string{}
	}
	s.free[versions] = append(s.free[versions], namespace)
}

// World is a namespace of a Temporal server.
type World struct {
	// Client is what a worker under test uses: its calls are recorded, and fail as they are told to.
	Client client.Client
	// Faults stands before the server.
	Faults *fault.Injector

	server    *Server
	namespace string
	// versions are those that the namespace has.
	versions string
	// direct goes past Faults.
	direct  client.Client
	serving *httptest.Server

	mu sync.Mutex
	// ids are the schedules that were there at any time.
	ids map[string]bool
}

// World fills a namespace. The caller closes the world, which leaves the namespace without schedules for the next one.
func (s *Server) World(ctx context.Context, text []byte) (*World, error) {
	estate, err := ParseEstate(text)
	if err != nil {
		return nil, err
	}
	w := &World{server: s, versions: fmt.Sprint(estate.Versions), ids: map[string]bool{}}
	var fresh bool
	w.namespace, fresh = s.take(w.versions)
	w.serve(s.Address)
	if w.direct, err = w.dial(ctx, s.Address); err == nil && fresh {
		err = w.prepare(ctx, estate.Versions)
	}
	if err == nil {
		err = w.load(ctx, estate.Schedules)
	}
	if err == nil {
		w.Client, err = w.dial(ctx, w.serving.Listener.Addr().String())
	}
	if err != nil {
		return nil, errors.Join(err, w.Close(ctx))
	}
	return w, nil
}

// serve begins to pass calls on: gRPC is HTTP/2, so that what stands before other servers stands before this one too.
func (w *World) serve(address string) {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: address}) },
		Transport: &http.Transport{Protocols: protocols},
		// A call that its client gives up is none of the test's business.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	w.Faults = fault.New(proxy, isRead, fault.WithOperations(w.operation))
	w.serving = httptest.NewUnstartedServer(w.Faults)
	w.serving.Config.Protocols = protocols
	w.serving.Start()
}

func (w *World) dial(ctx context.Context, address string) (client.Client, error) {
	return client.DialContext(ctx, client.Options{HostPort: address, Namespace: w.namespace, DataConverter: w.server.Converter, Logger: logging.Silent()})
}

// Config is what manages the world's Temporal.
func (w *World) Config() temporalapi.Config {
	return temporalapi.Config{Service: w.Client.WorkflowService(), Namespace: w.namespace, Converter: w.server.Converter}
}

// URL is the address of the world's Temporal.
func (w *World) URL() string { return w.serving.URL }

// Hang closes the address. What is there can still be looked at.
func (w *World) Hang() {
	w.serving.CloseClientConnections()
	w.serving.Close()
}

// Close ends the address and removes the schedules.
func (w *World) Close(ctx context.Context) error {
	if w.Client != nil {
		w.Client.Close()
	}
	w.Hang()
	if w.direct == nil {
		return nil
	}
	defer w.direct.Close()
	var errs []error
	for _, id := range w.known() {
		err := w.direct.ScheduleClient().GetHandle(ctx, id).Delete(ctx)
		var gone *serviceerror.NotFound
		if err != nil && !errors.As(err, &gone) {
			errs = append(errs, fmt.Errorf("remove schedule %s: %w", id, err))
		}
	}
	if len(errs) == 0 {
		w.server.release(w.versions, w.namespace)
	}
	return errors.Join(errs...)
}
