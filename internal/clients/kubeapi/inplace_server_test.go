package kubeapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

const (
	lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
	// mostAnnotations is how many bytes the server takes as annotations of an object, keys included.
	mostAnnotations = 256 << 10
)

// overfull is a ConfigMap whose last applied configuration leaves no room for another annotation.
func overfull(w *world) (desired kubeapi.Object, done func()) {
	before := w.configMap("settings", map[string]any{"mode": "slow"})
	before.Body["metadata"].(map[string]any)["annotations"] = map[string]any{lastApplied: strings.Repeat("x", mostAnnotations-len(lastApplied))}
	w.raw("POST?fieldManager=kubectl-client-side-apply", before, before.Body)
	first := uid(w.live(before))
	desired = w.configMap("settings", map[string]any{"mode": "fast"})
	return desired, func() {
		live := w.live(desired)
		require.Equal(w.t, first, uid(live), "it is replaced in its place")
		require.Equal(w.t, map[string]any{"mode": "fast"}, live["data"])
		require.NotContains(w.t, inside(live, "metadata", "annotations"), lastApplied)
		require.Empty(w.t, w.drift(desired))
	}
}

// twice is a Deployment with a variable that is listed twice, which the server stores and cannot merge.
func twice(w *world) kubeapi.Object {
	return deployment(w, "web", []any{map[string]any{"name": "A", "value": "1"}, map[string]any{"name": "A", "value": "2"}})
}

// missing is such a Deployment that is not there yet.
func missing(w *world) (desired kubeapi.Object, done func()) {
	desired = twice(w)
	return desired, func() { require.Empty(w.t, w.drift(desired)) }
}

// outdated is such a Deployment that is there with another value.
func outdated(w *world) (desired kubeapi.Object, done func()) {
	require.NoError(w.t, w.Apply(w.write, widgets, deployment(w, "web", []any{map[string]any{"name": "A", "value": "0"}})))
	first := uid(w.live(twice(w)))
	desired, stored := missing(w)
	return desired, func() {
		require.Equal(w.t, first, uid(w.live(desired)))
		stored()
	}
}

func TestServerWhatCannotBeMergedIsStoredWhereverAnAttemptEnds(t *testing.T) {
	for name, prepare := range map[string]func(*world) (kubeapi.Object, func()){
		"annotations too long":             overfull,
		"a list that has a key twice":      outdated,
		"such a list of what is not there": missing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, call := range crashing(t, prepare) {
				if call.Write {
					t.Run(fmt.Sprintf("after call %d, %s", i+1, call.Method), func(t *testing.T) { crashing(t, prepare, i+1) })
				}
			}
		})
	}
}

// answering is an answer of a server as a failure.
func answering(status int, message string) fault.Failure {
	return fault.Failure{
		Status: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":%d,"message":%q}`, status, message),
	}
}

// refusing applies after the server has refused the first attempt to merge, and with the calls of these numbers losing
// their answers.
func refusing(t *testing.T, answer fault.Failure, prepare func(*world) (kubeapi.Object, func()), calls ...int) []fault.Call {
	t.Helper()
	w := newFaultyWorld(t)
	desired, done := prepare(w)
	for _, number := range calls {
		w.faults.Reset()
		w.faults.FailNth(1, answer)
		w.faults.FailNth(number, fault.Failure{AfterEffect: true})
		err := w.Apply(w.write, widgets, desired)
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	}
	w.faults.Reset()
	w.faults.FailNth(1, answer)
	require.NoError(t, w.Apply(w.write, widgets, desired))
	last := w.faults.Calls()
	done()
	return last
}

// handled is a ConfigMap of kubectl's with its last applied configuration.
func handled(w *world) (desired kubeapi.Object, done func()) {
	before := w.configMap("settings", map[string]any{"mode": "slow"})
	before.Body["metadata"].(map[string]any)["annotations"] = map[string]any{lastApplied: `{"metadata":{"resourceVersion":"1"}}`}
	w.raw("POST?fieldManager=kubectl-client-side-apply", before, before.Body)
	first := uid(w.live(before))
	desired = w.configMap("settings", map[string]any{"mode": "fast"})
	return desired, func() {
		live := w.live(desired)
		require.Equal(w.t, first, uid(live))
		require.Equal(w.t, map[string]any{"mode": "fast"}, live["data"])
		require.NotContains(w.t, inside(live, "metadata", "annotations"), lastApplied)
		require.Empty(w.t, w.drift(desired))
	}
}

func TestServerAnOldServersRefusalsAreOvercomeWhereverAnAttemptEnds(t *testing.T) {
	for name, answer := range map[string]fault.Failure{
		"it takes no such patch":                 answering(http.StatusUnsupportedMediaType, "the body of the request was in an unknown format"),
		"the object is too large to merge":       answering(http.StatusRequestEntityTooLarge, "Request entity too large: limit is 3145728"),
		"the last applied version is in its way": answering(http.StatusUnprocessableEntity, "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := refusing(t, answer, handled)
			require.Greater(t, len(calls), 2)
			for i, call := range calls[1:] {
				if call.Write {
					t.Run(fmt.Sprintf("and call %d, %s, loses its answer", i+2, call.Method), func(t *testing.T) { refusing(t, answer, handled, i+2) })
				}
			}
		})
	}
}
