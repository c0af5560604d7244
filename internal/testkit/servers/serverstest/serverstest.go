// Package serverstest gives tests their real servers: those that the environment names (make test starts them once for all
// test binaries), else ones that this test binary starts and shares among its tests. They end with the binary.
package serverstest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// startTimeout is generous: a loaded machine builds and tests at the same time.
const startTimeout = 2 * time.Minute

var (
	sharedTemporal = sync.OnceValues(func() (*servers.Temporal, error) {
		if running, ok := servers.RunningTemporal(); ok {
			return running, nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		return servers.StartTemporal(ctx, servers.TemporalOptions{})
	})
	sharedKube = sync.OnceValues(func() (*servers.Kube, error) {
		if running, ok, err := servers.RunningKube(); ok || err != nil {
			return running, err
		}
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		return servers.StartKube(ctx, servers.KubeOptions{})
	})
)

// Temporal returns the shared Temporal server. It skips the test where the server is not installed and fails it where
// the server does not start.
func Temporal(tb testing.TB) *servers.Temporal {
	tb.Helper()
	return need(tb, sharedTemporal)
}

// OwnTemporal returns a Temporal server for this test alone, whose workflow IDs other tests use too. It ends with the
// test.
func OwnTemporal(tb testing.TB) *servers.Temporal {
	tb.Helper()
	server := need(tb, func() (*servers.Temporal, error) {
		ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
		defer cancel()
		return servers.StartTemporal(ctx, servers.TemporalOptions{})
	})
	tb.Cleanup(func() {
		if err := server.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

// Kube returns the shared Kubernetes API server. It skips the test where the server is not installed and fails it where
// the server does not start. Tests share its objects: use a virtual cluster, or names of your own.
func Kube(tb testing.TB) *servers.Kube {
	tb.Helper()
	return need(tb, sharedKube)
}

// OwnKube returns a Kubernetes API server for this test alone. It ends with the test.
func OwnKube(tb testing.TB, options servers.KubeOptions) *servers.Kube {
	tb.Helper()
	server := need(tb, func() (*servers.Kube, error) {
		ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
		defer cancel()
		return servers.StartKube(ctx, options)
	})
	tb.Cleanup(func() {
		if err := server.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

func need[T any](tb testing.TB, get func() (T, error)) T {
	tb.Helper()
	server, err := get()
	if errors.Is(err, servers.ErrNotInstalled) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return server
}
