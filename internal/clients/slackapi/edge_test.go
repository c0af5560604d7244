package slackapi_test

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

// answers is a transport that gives each request the next answer, "<status> <body>", and the last one for ever.
type answers struct {
	queue []string
	texts []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	a.texts = append(a.texts, form.Get("text"))
	next := a.queue[0]
	if len(a.queue) > 1 {
		a.queue = a.queue[1:]
	}
	code, body, _ := strings.Cut(next, " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"9"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestAnswers(t *testing.T) {
	none, one := 0, 1
	for _, tc := range []struct {
		name    string
		retries *int
		queue   []string
		// sent is how often the message is sent, and took how long that takes.
		sent int
		took time.Duration
		kind apierr.Kind
		says string
	}{
		{name: "a success", queue: []string{`200 {"ok":true}`}, sent: 1},
		{name: "a server that fails and recovers", queue: []string{"503 <html>", "500 {}", `200 {"ok":true}`}, sent: 3, took: 1500 * time.Millisecond},
		{name: "a server that fails for long", queue: []string{"502 <html>"}, sent: 6, took: 15500 * time.Millisecond, kind: apierr.Unavailable, says: "Bad Gateway (502)"},
		{name: "fewer attempts", retries: &one, queue: []string{"502 <html>"}, sent: 2, took: 500 * time.Millisecond, kind: apierr.Unavailable},
		{name: "one attempt", retries: &none, queue: []string{"502 <html>"}, sent: 1, kind: apierr.Unavailable},
		{name: "a limit of the rate", queue: []string{`429 {"ok":false,"error":"ratelimited"}`}, sent: 1, kind: apierr.Limited, says: "Too Many Requests (429)"},
		{name: "a limit of the rate in words", queue: []string{`200 {"ok":false,"error":"rate_limited"}`}, sent: 1, kind: apierr.Limited},
		{name: "a fault of Slack", queue: []string{`200 {"ok":false,"error":"internal_error"}`}, sent: 1, kind: apierr.Unavailable},
		{name: "a refusal", queue: []string{`200 {"ok":false,"error":"msg_too_long"}`}, sent: 1, kind: apierr.Invalid, says: "slack acme: post to general: msg_too_long"},
		{name: "a refusal without a reason", queue: []string{`200 {"ok":false}`}, sent: 1, kind: apierr.Invalid, says: "no reason given"},
		{name: "an answer without a verdict", queue: []string{`200 {}`}, sent: 1, kind: apierr.Unavailable, says: "not the JSON"},
		{name: "a page", queue: []string{`200 <html>`}, sent: 1, kind: apierr.Unavailable, says: "not the JSON"},
		{name: "a token that is no longer good", queue: []string{`200 {"ok":false,"error":"token_revoked"}`}, sent: 1, kind: apierr.Denied},
		{name: "a proxy that refuses", queue: []string{`403 <html>`}, sent: 1, kind: apierr.Denied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &answers{queue: tc.queue}
				client, err := slackapi.New(slackapi.Config{Workspace: "acme", Token: secret.New(bot), Limits: slackapi.Limits{Retries: tc.retries}, Transport: transport})
				require.NoError(t, err)
				began := time.Now()
				err = client.Post(readonly.Grant(t.Context()), slackapi.Message{Channel: "general", Text: "hello"})
				require.Equal(t, tc.took, time.Since(began))
				require.Len(t, transport.texts, tc.sent)
				for _, text := range transport.texts {
					require.Equal(t, "hello", text, "each attempt has the whole request")
				}
				if tc.kind == "" {
					require.NoError(t, err)
					return
				}
				require.True(t, apierr.Is(err, tc.kind), "%v", err)
				require.ErrorContains(t, err, tc.says)
				require.NotContains(t, err.Error(), bot)
				if tc.kind == apierr.Limited && strings.HasPrefix(tc.queue[0], "429") {
					require.Equal(t, 9*time.Second, apierr.RetryAfter(err))
				}
			})
		})
	}
}

func TestFailureMode12_ASlackThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := slackapi.New(slackapi.Config{Workspace: "acme", Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.Users(t.Context())
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "slack acme: list users")
		require.Equal(t, 30*time.Second, time.Since(began))
	})
}

func TestAddressesOfTheAPI(t *testing.T) {
	for _, address := range []string{"ftp://slack.com", "https://", ":"} {
		_, err := slackapi.New(slackapi.Config{URL: address})
		require.ErrorContains(t, err, "no http or https URL", "%q", address)
	}
}

func TestEachAttemptIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := slackapi.New(slackapi.Config{Workspace: "acme", Transport: &answers{queue: []string{"503 <html>", `200 {"ok":true}`}}})
		require.NoError(t, err)
		collector := metrics.New()
		scope := collector.Begin(metrics.Origin{WorkflowID: "slack-usergroups", Step: "slack-usergroups/apply"})
		require.NoError(t, client.Post(readonly.Grant(metrics.Into(t.Context(), scope)), slackapi.Message{Channel: "general", Text: "hello"}))
		scope.End()
		require.NoError(t, testutil.CollectAndCompare(collector, strings.NewReader(`# HELP qontract_reconcile_slack_request_total Number of calls made to Slack API
# TYPE qontract_reconcile_slack_request_total counter
qontract_reconcile_slack_request_total{resource="chat.postMessage",verb="POST"} 2
`)))
	})
}
