package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	// orders is an ordinary integration, and deliveries a long-running one.
	orders     = "shop-orders"
	deliveries = "shop-deliveries"
	// lines is how many things each order has.
	lines = 3
	// trucks are the scopes of the long-running one.
	trucks = 3

	envBuild = "QT_TEST_BUILD"
	envShop  = "QT_TEST_SHOP"
)

// shop is a system that notes which build of the worker has written what. Orders are not answered until it opens, and
// nothing is delivered before it says so.
type shop struct {
	open chan struct{}
	url  string

	mu        sync.Mutex
	arrived   map[string][]string
	written   map[string][]string
	looks     map[string][]string
	delivered bool
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{open: make(chan struct{}), arrived: map[string][]string{}, written: map[string][]string{}, looks: map[string][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /written", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(s.written)
	})
	mux.HandleFunc("POST /order/{order}/{line}", func(_ http.ResponseWriter, r *http.Request) {
		key, build := r.PathValue("order")+"/"+r.PathValue("line"), r.Header.Get("Build")
		s.note(s.arrived, key, build)
		select {
		case <-s.open:
			s.note(s.written, key, build)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /deliver/{truck}", func(w http.ResponseWriter, r *http.Request) {
		truck, build := r.PathValue("truck"), r.Header.Get("Build")
		s.note(s.looks, truck, build)
		s.mu.Lock()
		delivered := s.delivered
		s.mu.Unlock()
		if !delivered {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		s.note(s.written, truck, build)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *shop) note(in map[string][]string, key, build string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in[key] = append(in[key], build)
}

// of returns a copy of what was noted.
func (s *shop) of(in map[string][]string) map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	noted := map[string][]string{}
	for key, builds := range in {
		noted[key] = slices.Clone(builds)
	}
	return noted
}

// deliver lets everything arrive from now on.
func (s *shop) deliver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered = true
}

// customer is a build of the worker as the shop sees it.
type customer struct{ build, shop string }

func (c customer) call(ctx context.Context, method, path string, answer any) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.shop+path, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Build", c.build)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if answer != nil {
		return resp.StatusCode, json.NewDecoder(resp.Body).Decode(answer)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// written returns those keys of the shop's that are among the wanted ones.
func (c customer) written(ctx context.Context, wanted []team) ([]team, error) {
	there := map[string][]string{}
	if _, err := c.call(ctx, http.MethodGet, "/written", &there); err != nil {
		return nil, err
	}
	var found []team
	for _, key := range wanted {
		if len(there[string(key)]) > 0 {
			found = append(found, key)
		}
	}
	return found, nil
}

// ordering writes the lines of the order that a flag names.
type ordering struct{ customer }

func (o ordering) Desired(_ context.Context, s reconcile.Scope) ([]team, error) {
	var all []team
	for line := range lines {
		all = append(all, team(fmt.Sprintf("%s/%d", s.Args.String("order"), line)))
	}
	return all, nil
}

func (o ordering) Current(ctx context.Context, _ reconcile.Scope, desired []team) ([]team, error) {
	return o.written(ctx, desired)
}

func (o ordering) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[team]) error {
	_, err := o.call(ctx, http.MethodPost, "/order/"+c.Key, nil)
	return err
}

// delivering waits for each truck.
type delivering struct{ customer }

func (d delivering) Shards(context.Context, reconcile.Scope) ([]string, error) {
	var all []string
	for truck := range trucks {
		all = append(all, fmt.Sprintf("truck-%d", truck))
	}
	return all, nil
}

func (d delivering) Desired(_ context.Context, s reconcile.Scope) ([]team, error) {
	return []team{team(s.Name)}, nil
}

func (d delivering) Current(ctx context.Context, _ reconcile.Scope, desired []team) ([]team, error) {
	return d.written(ctx, desired)
}

func (d delivering) Advance(ctx context.Context, s reconcile.Scope, _ plan.Change[team], _ bool) (plan.Stand, error) {
	status, err := d.call(ctx, http.MethodPost, "/deliver/"+s.Name, nil)
	if err != nil || status == http.StatusAccepted {
		return plan.Waiting("it is on the road"), err
	}
	return plan.Done(), nil
}

func (d delivering) Skip(context.Context, reconcile.Scope, plan.Change[team]) error { return nil }

// workAsBuild is a worker of a build that has a name.
func workAsBuild(config, build, shop string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c := customer{build: build, shop: shop}
	systems := []reconcile.System{reconcile.AppInterface}
	families := []reconcile.Family{{Name: "test", Integrations: []reconcile.Definition{
		{
			Name: orders, Summary: "Orders things.", Every: time.Hour, Reads: systems, Writes: systems, Profile: "slow",
			Params: []reconcile.Param{{Name: "order", Type: reconcile.String, Help: "the order"}},
			Build:  func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(ordering{c}), nil },
		},
		{
			Name: deliveries, Summary: "Waits for things.", Every: time.Hour, Reads: systems, Writes: systems, LongRunning: true,
			Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.LongRun(delivering{c}), nil },
		},
	}}}
	return run(ctx, families, os.Stderr, options{
		config: config, integrations: "*", listen: "127.0.0.1:0", logLevel: "DEBUG", drain: time.Second,
		// No worker dies here, however slow the machine is.
		firstRetry: 10 * time.Millisecond, heartbeatTimeout: patience,
		version: versionFlags{buildID: build, deployment: strings.TrimSuffix(orders, "-orders")},
	})
}
