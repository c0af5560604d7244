package reporting_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reporting"
	"github.com/app-sre/qontract-temporal/workflows"
)

// event is what Sentry is sent of one.
type event struct {
	Level, Message, Release, Environment string
	ServerName                           string `json:"server_name"`
	Tags                                 map[string]string
	Fingerprint                          []string
	Exception                            []struct {
		Value      string
		Stacktrace struct{ Frames []struct{ Function string } }
	}
}

// sentry takes events as the real one does: envelopes of lines.
type sentry struct {
	*httptest.Server
	mu     sync.Mutex
	events []event
}

func serve(t *testing.T) *sentry {
	t.Helper()
	s := &sentry{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for line := range bytes.Lines(body) {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Level != "" {
				s.events = append(s.events, e)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sentry) reporter(t *testing.T, level string) *reporting.Reporter {
	t.Helper()
	r, err := reporting.FromEnvironment(func(name string) string {
		return map[string]string{
			"SENTRY_DSN": strings.Replace(s.URL, "://", "://key@", 1) + "/1", "SENTRY_EVENT_LEVEL": level, "SENTRY_ENVIRONMENT": "test",
		}[name]
	}, "c0ffee")
	require.NoError(t, err)
	return r
}

func failed() *workflows.Result {
	return &workflows.Result{
		Integration: "x", WorkflowID: "x", RunID: "r1", Bundle: "b1",
		Errors: []workflows.Failure{
			{Scope: "prod-2", Kind: "Unavailable", Message: "prod-2 is unreachable"},
			{Scope: "prod-1", Kind: "Denied", Message: "login with --token abcdef refused"},
			{Scope: "prod-1", Kind: "Denied", Message: "https://me:hunter2@git.example/repo is forbidden"},
		},
		Findings: []workflows.Found{{Finding: plan.Finding{Severity: plan.SeverityInfo, Subject: "s", Message: "fine"}}},
	}
}

func TestAFailedRunIsReportedByScope(t *testing.T) {
	s := serve(t)
	r := s.reporter(t, "error")
	r.Failed(failed())
	r.Stop()
	require.Equal(t, []event{
		{
			Level: "error", Message: "x: login with --token *** refused\nhttps://me:***@git.example/repo is forbidden", Release: "c0ffee", Environment: "test",
			Tags:        map[string]string{"integration": "x", "scope": "prod-1", "workflow": "x", "run": "r1", "bundle": "b1", "kind": "Denied"},
			Fingerprint: []string{"x", "prod-1", "Denied"},
		},
		{
			Level: "error", Message: "x: prod-2 is unreachable", Release: "c0ffee", Environment: "test",
			Tags:        map[string]string{"integration": "x", "scope": "prod-2", "workflow": "x", "run": "r1", "bundle": "b1", "kind": "Unavailable"},
			Fingerprint: []string{"x", "prod-2", "Unavailable"},
		},
	}, s.events)
}

func TestFindingsOfAValidatorAreReported(t *testing.T) {
	s := serve(t)
	r := s.reporter(t, "ERROR")
	r.Failed(&workflows.Result{Integration: "v", Findings: []workflows.Found{
		{Finding: plan.Finding{Severity: plan.SeverityError, Subject: "a service", Message: "has no owner"}},
		{Finding: plan.Finding{Severity: plan.SeverityInfo, Subject: "another", Message: "is fine"}},
	}})
	r.Stop()
	require.Len(t, s.events, 1)
	require.Equal(t, "v: a service: has no owner", s.events[0].Message)
}

func TestByDefaultPanicsAloneAreReported(t *testing.T) {
	s := serve(t)
	r := s.reporter(t, "")
	r.Failed(failed())
	r.Panic("index out of range", map[string]string{"integration": "x", "step": "current", "scope": "", "workflow": "x/prod-1"})
	r.Stop()
	require.Len(t, s.events, 1)
	require.Equal(t, "fatal", s.events[0].Level)
	require.Equal(t, map[string]string{"integration": "x", "step": "current", "workflow": "x/prod-1"}, s.events[0].Tags)
	require.Len(t, s.events[0].Exception, 1)
	require.Equal(t, "panic: index out of range", s.events[0].Exception[0].Value)
	require.NotEmpty(t, s.events[0].Exception[0].Stacktrace.Frames)
	require.Empty(t, s.events[0].ServerName)
}

func TestNothingIsReportedWithoutADSN(t *testing.T) {
	r, err := reporting.FromEnvironment(func(string) string { return "" }, "")
	require.NoError(t, err)
	require.Nil(t, r)
	require.NotPanics(t, func() {
		r.Failed(failed())
		r.Panic("x", nil)
		r.Stop()
	})
}

func TestAWrongConfigurationIsRefusedWithoutQuotingIt(t *testing.T) {
	for name, tc := range map[string]struct {
		environment map[string]string
		err         string
	}{
		"a level that there is not": {map[string]string{"SENTRY_DSN": "https://k@sentry.example/1", "SENTRY_EVENT_LEVEL": "LOUD"}, `SENTRY_EVENT_LEVEL: "LOUD" is neither CRITICAL nor ERROR`},
		"no DSN":                    {map[string]string{"SENTRY_DSN": "credential"}, "SENTRY_DSN is not a Sentry DSN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reporting.FromEnvironment(func(name string) string { return tc.environment[name] }, "")
			require.ErrorContains(t, err, tc.err)
			require.NotContains(t, err.Error(), "credential")
		})
	}
}

func TestCredentialsAreStruckOut(t *testing.T) {
	s := serve(t)
	r := s.reporter(t, "")
	for given, want := range map[string]string{
		"copy --src-creds=me:hunter2 x":              "copy --src-creds=me:*** x",
		"Authorization: Bearer abcdefgh.ijkl":        "Authorization: Bearer ***",
		`{"password": "hunter2", "user": "me"}`:      `{"password": "***", "user": "me"}`,
		"?private_token=abc&x=1":                     "?private_token=***&x=1",
		"the secret creds/prod-1 has no field token": "the secret creds/prod-1 has no field token",
		strings.Repeat("ä", 5000):                    strings.Repeat("ä", 4092) + "…",
	} {
		s.mu.Lock()
		s.events = nil
		s.mu.Unlock()
		r.Panic(given, nil)
		r.Stop()
		require.Len(t, s.events, 1)
		require.Equal(t, "panic: "+want, s.events[0].Message)
	}
}
