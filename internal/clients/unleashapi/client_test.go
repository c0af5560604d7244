package unleashapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/unleashapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// journal is a logger that keeps its warnings.
type journal struct {
	mu       sync.Mutex
	warnings []string
}

func (j *journal) Debug(string, ...any) {}
func (j *journal) Info(string, ...any)  {}
func (j *journal) Error(string, ...any) {}
func (j *journal) Warn(message string, fields ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.warnings = append(j.warnings, fmt.Sprint(append([]any{message, ": "}, fields...)...))
}

func (j *journal) last(t *testing.T) string {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	require.NotEmpty(t, j.warnings)
	return j.warnings[len(j.warnings)-1]
}

// unleash is a server whose answers a test sets.
type unleash struct {
	calls  atomic.Int32
	answer func(http.ResponseWriter, *http.Request)
}

// RoundTrip implements http.RoundTripper, so that no real connection stands between a test and its clock.
func (u *unleash) RoundTrip(req *http.Request) (*http.Response, error) {
	u.calls.Add(1)
	if u.answer == nil {
		<-req.Context().Done()
		return nil, context.Cause(req.Context())
	}
	recorded := httptest.NewRecorder()
	u.answer(recorded, req)
	return recorded.Result(), nil
}

func (u *unleash) says(status int, body string) {
	u.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func toggle(name string, on bool, strategies string) string {
	return fmt.Sprintf(`{"version": 2, "features": [{"name": %q, "enabled": %t, "strategies": [%s]}]}`, name, on, strategies)
}

const token = "*:development.hunter2"

func client(t *testing.T, u *unleash) (*unleashapi.Client, *journal, context.Context) {
	t.Helper()
	c, err := unleashapi.New(unleashapi.Config{URL: "https://unleash.example/api", Token: secret.New(token), Transport: u})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	j := &journal{}
	return c, j, logging.Into(t.Context(), j)
}

func TestWithoutConfigurationTheFallbackCounts(t *testing.T) {
	c, err := unleashapi.New(unleashapi.Config{})
	require.NoError(t, err)
	defer c.Close()
	require.True(t, c.Enabled(t.Context(), "teams", true))
	require.False(t, c.Enabled(t.Context(), "teams", false))
	require.False(t, c.EnabledInCluster(t.Context(), "teams", "prod-1", false))
}

func TestAToggleIsAsItsStrategiesSay(t *testing.T) {
	for _, tc := range []struct {
		name, answer string
		cluster      string
		fallback     bool
		want         bool
	}{
		{name: "on", answer: toggle("teams", true, `{"name": "default"}`), want: true},
		{name: "on without strategies", answer: toggle("teams", true, ``), want: true},
		{name: "off", answer: toggle("teams", false, `{"name": "default"}`), fallback: true},
		{name: "a toggle that Unleash does not know has the fallback", answer: toggle("others", false, ``), fallback: true, want: true},
		{name: "a strategy that nobody knows is off", answer: toggle("teams", true, `{"name": "moonPhase"}`), fallback: true},
		{name: "all of a rollout", answer: toggle("teams", true, `{"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "default", "groupId": "teams"}}`), want: true},
		{name: "none of a rollout", answer: toggle("teams", true, `{"name": "flexibleRollout", "parameters": {"rollout": "0", "stickiness": "default", "groupId": "teams"}}`), fallback: true},
		{name: "a constraint by application", answer: toggle("teams", true, `{"name": "default", "constraints": [{"contextName": "appName", "operator": "IN", "values": ["qontract-reconcile"]}]}`), want: true},
		{name: "an enabled cluster", answer: toggle("teams", true, `{"name": "enableCluster", "parameters": {"cluster_name": "prod-1, prod-2"}}`), cluster: "prod-2", want: true},
		{name: "another cluster than those enabled", answer: toggle("teams", true, `{"name": "enableCluster", "parameters": {"cluster_name": "prod-1,prod-2"}}`), cluster: "prod-3", fallback: true},
		{name: "no cluster where some are enabled", answer: toggle("teams", true, `{"name": "enableCluster", "parameters": {"cluster_name": "prod-1"}}`), fallback: true},
		{name: "a disabled cluster", answer: toggle("teams", true, `{"name": "disableCluster", "parameters": {"cluster_name": "prod-1 ,prod-2"}}`), cluster: "prod-1", fallback: true},
		{name: "another cluster than those disabled", answer: toggle("teams", true, `{"name": "disableCluster", "parameters": {"cluster_name": "prod-1"}}`), cluster: "prod-2", want: true},
		{name: "no cluster where some are disabled", answer: toggle("teams", true, `{"name": "disableCluster", "parameters": {"cluster_name": "prod-1"}}`), want: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u := &unleash{}
			u.says(http.StatusOK, tc.answer)
			c, j, ctx := client(t, u)
			got := c.Enabled(ctx, "teams", tc.fallback)
			if tc.cluster != "" {
				got = c.EnabledInCluster(ctx, "teams", tc.cluster, tc.fallback)
			}
			require.Equal(t, tc.want, got)
			require.Empty(t, j.warnings)
		})
	}
}

func TestFailureMode14_AToggleIsNotReadUnseen(t *testing.T) {
	u := &unleash{}
	u.says(http.StatusOK, toggle("teams", false, ""))
	c, _, ctx := client(t, u)
	ctx, recording := inputs.Record(ctx)
	require.True(t, c.Enabled(ctx, "teams", true))
	require.Equal(t, []string{"the toggle teams"}, recording.Outside(), "who compares what app-interface says knows that this is not all")
	require.Zero(t, u.calls.Load())
}

func TestTheRequestIsTheLibrarys(t *testing.T) {
	u := &unleash{}
	var asked *http.Request
	u.answer = func(w http.ResponseWriter, req *http.Request) {
		asked = req
		_, _ = w.Write([]byte(toggle("teams", true, "")))
	}
	c, _, ctx := client(t, u)
	require.True(t, c.Enabled(ctx, "teams", false))
	require.Equal(t, "GET https://unleash.example/api/client/features", asked.Method+" "+asked.URL.String())
	require.Equal(t, token, asked.Header.Get("Authorization"))
	require.Equal(t, "qontract-reconcile", asked.Header.Get("UNLEASH-APPNAME"))
}

func TestAnAnswerServesForASecondAndIsKeptWhileNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, unchanged := &unleash{}, 0
		u.answer = func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Etag", `"v1"`)
			if req.Header.Get("If-None-Match") == `"v1"` {
				unchanged++
				w.WriteHeader(http.StatusNotModified)
				return
			}
			_, _ = w.Write([]byte(toggle("teams", false, "")))
		}
		c, j, ctx := client(t, u)
		for range 3 {
			require.False(t, c.Enabled(ctx, "teams", true))
		}
		require.EqualValues(t, 1, u.calls.Load())
		<-time.After(time.Second)
		require.False(t, c.Enabled(ctx, "teams", true))
		require.EqualValues(t, 2, u.calls.Load())
		require.Equal(t, 1, unchanged)
		u.says(http.StatusOK, toggle("teams", true, ""))
		<-time.After(time.Second)
		require.True(t, c.Enabled(ctx, "teams", false), "a change counts with the next question")
		require.Empty(t, j.warnings)
		c.Close()
	})
}

func TestFailureMode12_AnUnleashThatNeverAnswersIsGivenUp(t *testing.T) {
	for _, tc := range []struct {
		name    string
		fail    func(*unleash)
		warning string
	}{
		{"down", func(u *unleash) { u.says(http.StatusServiceUnavailable, "") }, "503"},
		{"hanging", func(u *unleash) { u.answer = nil }, "deadline exceeded"},
		{"refusing the token", func(u *unleash) { u.says(http.StatusUnauthorized, "") }, "set UNLEASH_CLIENT_ACCESS_TOKEN to a client token"},
		{"not Unleash", func(u *unleash) { u.says(http.StatusNotFound, "") }, "set UNLEASH_API_URL to the address of its API"},
		{"talking nonsense", func(u *unleash) { u.says(http.StatusOK, "<html>") }, "what it sent cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := &unleash{}
				tc.fail(u)
				c, j, ctx := client(t, u)
				require.True(t, c.Enabled(ctx, "teams", true))
				require.False(t, c.Enabled(ctx, "teams", false))
				require.Contains(t, j.last(t), "Unleash does not answer: toggles have the values that their users default to")
				require.Contains(t, j.last(t), tc.warning)
				require.Len(t, j.warnings, 1, "what failed is not asked again at once")

				<-time.After(time.Second)
				u.says(http.StatusOK, toggle("teams", false, ""))
				require.False(t, c.Enabled(ctx, "teams", true), "it is asked again later")

				<-time.After(time.Second)
				tc.fail(u)
				require.False(t, c.Enabled(ctx, "teams", true), "what it last said counts")
				require.Contains(t, j.last(t), "Unleash does not answer: toggles stay as last known")
				require.NotContains(t, fmt.Sprint(j.warnings), "hunter2")
				c.Close()
			})
		})
	}
}

func TestAQuestionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, ctx := client(t, &unleash{})
		ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		require.True(t, c.Enabled(ctx, "teams", true))
		require.Equal(t, 10*time.Millisecond, time.Since(began))
		<-time.After(10 * time.Second) // The request itself ends at its own limit.
	})
}

func TestManyAskAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	u := &unleash{}
	var version atomic.Int32
	u.answer = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"version": 2, "features": [{"name": "teams", "enabled": true, "strategies": [{"name": "default", "segments": [1]}]}],
			"segments": [{"id": 1, "constraints": [{"contextName": "appName", "operator": "IN", "values": ["qontract-reconcile", "%d"]}]}]}`, version.Add(1))
	}
	c, err := unleashapi.New(unleashapi.Config{URL: "https://unleash.example/api", Token: secret.New(token), Transport: u})
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for version.Load() < 3 {
				if !c.Enabled(t.Context(), "teams", false) {
					t.Error("the toggle is on")
				}
			}
		})
	}
	group.Wait()
	c.Close()
	c.Close()
}

func TestConfiguration(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		err  string
	}{
		{"none", nil, ""},
		{"both", map[string]string{unleashapi.EnvURL: "https://unleash.example/api", unleashapi.EnvToken: token}, ""},
		{"no token", map[string]string{unleashapi.EnvURL: "https://unleash.example/api"}, "set both to ask Unleash for toggles, or none"},
		{"no address", map[string]string{unleashapi.EnvToken: token}, "set both to ask Unleash for toggles, or none"},
		{"no URL", map[string]string{unleashapi.EnvURL: "unleash", unleashapi.EnvToken: token}, "UNLEASH_API_URL is not an http or https URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config, err := unleashapi.FromEnvironment(func(name string) string { return tc.env[name] })
			if err == nil {
				_, err = unleashapi.New(config)
			}
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.err)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}
