package kubeapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// retyped is a Secret that is to get another type, with a pod that uses it.
func retyped(w *world) (desired kubeapi.Object, done func()) {
	secretOf := func(kind, value string) kubeapi.Object {
		return w.object("v1", "Secret", "creds", map[string]any{"type": kind, "data": map[string]any{"k": value}})
	}
	before := secretOf("example.com/a", "b25l")
	require.NoError(w.t, w.Apply(w.write, widgets, before))
	web := deployment(w, "web", nil)
	require.NoError(w.t, w.Apply(w.write, widgets, web))
	w.pod("web-a", w.live(w.replicaSet(web, "serving", "quay.example/x:1")), map[string]any{
		"volumes": []any{map[string]any{"name": "v", "secret": map[string]any{"secretName": "creds"}}},
	})
	first := uid(w.live(before))
	desired = recycling(secretOf("example.com/b", "dHdv"))
	return desired, func() {
		require.NotEqual(w.t, first, uid(w.live(desired)))
		require.Equal(w.t, "example.com/b", w.live(desired)["type"])
		require.Empty(w.t, w.drift(desired))
		require.NotNil(w.t, w.recycled(web))
	}
}

// rerouted is a Route that is to get another host.
func rerouted(w *world) (desired kubeapi.Object, done func()) {
	routeOf := func(host string) kubeapi.Object {
		return w.object("route.openshift.io/v1", "Route", "web", map[string]any{"spec": map[string]any{"host": host, "to": map[string]any{"kind": "Service", "name": "web"}}})
	}
	before := routeOf("old.example.com")
	require.NoError(w.t, w.Apply(w.write, widgets, before))
	first := uid(w.live(before))
	desired = routeOf("new.example.com")
	return desired, func() {
		require.NotEqual(w.t, first, uid(w.live(desired)))
		require.Equal(w.t, "new.example.com", inside(w.live(desired), "spec", "host"))
		require.Empty(w.t, w.drift(desired))
	}
}

// crashing applies what prepare desires, with an attempt that loses the answer to the call of each number and then
// one that ends well. It returns the calls of the last attempt. An attempt begins when nothing is being deleted any
// more: then its calls are the same each time.
func crashing(t *testing.T, prepare func(*world) (kubeapi.Object, func()), calls ...int) []fault.Call {
	t.Helper()
	w := newFaultyWorld(t)
	desired, done := prepare(w)
	for _, number := range calls {
		w.faults.Reset()
		w.faults.FailNth(number, fault.Failure{AfterEffect: true})
		err := w.Apply(w.write, widgets, desired)
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.Len(t, w.faults.Calls(), number)
		require.Eventually(t, func() bool { return inside(w.live(desired), "metadata", "deletionTimestamp") == nil }, controllerTime, controllerTick)
	}
	w.faults.Reset()
	require.NoError(t, w.Apply(w.write, widgets, desired))
	last := w.faults.Calls()
	done()
	return last
}

func TestServerAReplacementThatCrashesAfterAnyWriteIsFinishedByTheNextAttempt(t *testing.T) {
	for name, prepare := range map[string]func(*world) (kubeapi.Object, func()){
		"a Deployment that rolls out":           rollingOut,
		"a Deployment that recreates":           recreating,
		"a StatefulSet that grows":              growing,
		"a Secret of another type":              retyped,
		"a Route of another host":               rerouted,
		"a Job of another template":             runningAnew,
		"a Service that is to have no address":  headless,
		"a Service that is to have another one": readdressed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := crashing(t, prepare)
			deletion := slices.IndexFunc(calls, func(c fault.Call) bool { return c.Method == http.MethodDelete })
			require.Positive(t, deletion)
			for i, call := range calls[:deletion+1] {
				if !call.Write {
					continue
				}
				t.Run(fmt.Sprintf("after call %d, %s", i+1, call.Method), func(t *testing.T) {
					rest := crashing(t, prepare, i+1)
					if i < deletion {
						return
					}
					for j, call := range rest {
						if call.Write {
							t.Run(fmt.Sprintf("and then after call %d, %s", j+1, call.Method), func(t *testing.T) {
								crashing(t, prepare, i+1, j+1)
							})
						}
					}
				})
			}
		})
	}
}

func TestServerAReplacementThatIsCancelledWhileItWaitsIsFinishedByTheNextAttempt(t *testing.T) {
	t.Parallel()
	w := newFaultyWorld(t)
	desired, done := retyped(w)
	hold := func(finalizers ...any) {
		w.raw("PATCH", desired, map[string]any{"metadata": map[string]any{"finalizers": finalizers}})
	}
	hold("example.com/hold")
	w.faults.Reset()
	ctx, cancel := context.WithCancel(w.write)
	ended := make(chan error, 1)
	go func() { ended <- w.Apply(ctx, widgets, desired) }()
	require.Eventually(t, func() bool { return inside(w.live(desired), "metadata", "deletionTimestamp") != nil }, controllerTime, controllerTick)
	cancel()
	err := <-ended
	kind, _ := apierr.KindOf(err)
	require.True(t, kind.Retryable(), "%v", err)
	hold()
	require.NoError(t, w.Apply(w.write, widgets, desired))
	done()
}

func TestServerThrottling(t *testing.T) {
	const status = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,"message":"slow down"}`
	for name, body := range map[string]string{"with a status": status, "by a proxy without one": ""} {
		throttle := func(after string) fault.Failure {
			return fault.Failure{Status: http.StatusTooManyRequests, Body: body, Header: http.Header{"Retry-After": {after}, "Content-Type": {"application/json"}}}
		}
		t.Run("a short wait is waited out, "+name, func(t *testing.T) {
			t.Parallel()
			w := newFaultyWorld(t)
			o := w.configMap("a", map[string]any{"k": "v"})
			_, err := w.Kind(w.read, o.Kind)
			require.NoError(t, err)
			w.faults.Reset()
			w.faults.FailNth(1, throttle("1"))
			began := time.Now()
			require.NoError(t, w.Apply(w.write, widgets, o))
			require.GreaterOrEqual(t, time.Since(began), time.Second)
			require.Len(t, w.faults.Writes(), 2)
			require.Empty(t, w.drift(o))
		})
		t.Run("a long wait is handed up at once, "+name, func(t *testing.T) {
			w := newFaultyWorld(t)
			o := w.configMap("a", map[string]any{"k": "v"})
			_, err := w.Kind(w.read, o.Kind)
			require.NoError(t, err)
			w.faults.Reset()
			w.faults.FailNth(1, throttle("60"))
			err = w.Apply(w.write, widgets, o)
			require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
			require.Equal(t, time.Minute, apierr.RetryAfter(err))
			require.Len(t, w.faults.Calls(), 1)
			require.Nil(t, w.live(o))
		})
	}
}
