// Package serverstest gives tests their real servers: those that the environment names (make test starts them once for all
// test binaries), else ones that this test binary starts and shares among its tests. They end with the binary.
package serverstest

import (
	"context"
	"errors"
	"fmt"
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
	sharedVaults = sync.OnceValues(func() ([]*servers.Vault, error) {
		if running, ok, err := servers.RunningVaults(); ok || err != nil {
			return running, err
		}
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		return servers.StartVaults(ctx, vaults)
	})
	sharedUnleash = sync.OnceValues(func() (*servers.Unleash, error) {
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		return servers.StartUnleash(ctx)
	})
)

// vaults are two, since secrets are copied from one to another.
const vaults = 2

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
	return OwnTemporalWith(tb, servers.TemporalOptions{})
}

// OwnTemporalWith is OwnTemporal with options.
func OwnTemporalWith(tb testing.TB, options servers.TemporalOptions) *servers.Temporal {
	tb.Helper()
	server := need(tb, func() (*servers.Temporal, error) {
		ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
		defer cancel()
		return servers.StartTemporal(ctx, options)
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

// Vault returns a shared Vault. It fails the test where the server is not installed or does not start. Tests share its
// mounts, auth methods and policies: give yours names of your own.
func Vault(tb testing.TB) *servers.Vault {
	tb.Helper()
	return Vaults(tb)[0]
}

// Vaults returns two shared Vaults. It fails the test as Vault does.
func Vaults(tb testing.TB) []*servers.Vault {
	tb.Helper()
	running, err := SharedVaults()
	if err != nil {
		tb.Fatal(err)
	}
	return running
}

// SharedVaults is Vaults for callers that are no test themselves.
func SharedVaults() ([]*servers.Vault, error) {
	running, err := sharedVaults()
	if err == nil && len(running) < vaults {
		err = fmt.Errorf("%s names %d servers, and the tests need %d", servers.EnvVaults, len(running), vaults)
	}
	return running, err
}

// Unleash returns the Unleash that the tests of this binary share. It fails the test where the server, Node.js or
// PostgreSQL is not installed, and where the server does not start. Tests share its toggles: use names of your own.
func Unleash(tb testing.TB) *servers.Unleash {
	tb.Helper()
	server, err := sharedUnleash()
	if err != nil {
		tb.Fatal(err)
	}
	return server
}

// OwnUnleash returns an Unleash for this test alone. It ends with the test.
func OwnUnleash(tb testing.TB) *servers.Unleash {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	server, err := servers.StartUnleash(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = server.Stop() })
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
