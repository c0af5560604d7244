package prometheusapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/standin/prometheus"
)

const estate = `
tokens: [qt-planted-token]
clients: {bot: qt-planted-secret}
answers:
  up: [{__name__: up, job: node}, {__name__: up, job: etcd}]
broken:
  up / up: "query processing would load too many samples into memory in query execution"
`

func serve(t *testing.T) prometheusapi.Instance {
	t.Helper()
	parsed, err := prometheus.ParseEstate([]byte(estate))
	require.NoError(t, err)
	server := httptest.NewServer(prometheus.New(parsed))
	t.Cleanup(server.Close)
	return prometheusapi.Instance{Name: "telemeter", URL: server.URL, Token: &secret.Ref{Path: "prometheus", Field: "token"}}
}

func connect(t *testing.T, of prometheusapi.Instance) *prometheusapi.Client {
	t.Helper()
	secrets, err := config.Parse("secrets.toml",
		"[graphql]\nserver = \"http://unused\"\n[prometheus]\ntoken = \"qt-planted-token\"\nsecret = \"qt-planted-secret\"\nwrong = \"qt-planted-wrong\"\n")
	require.NoError(t, err)
	client, err := prometheusapi.NewPool(configfile.New(secrets.Secrets)).Connect(t.Context(), of)
	require.NoError(t, err)
	return client
}

func TestAnExpressionIsEvaluated(t *testing.T) {
	for name, change := range map[string]func(*prometheusapi.Instance){
		"with a token":                func(*prometheusapi.Instance) {},
		"at a path of the instance":   func(of *prometheusapi.Instance) { of.Path = "/api/metrics/v1/telemeter/api/v1/query" },
		"with the token of a service": func(of *prometheusapi.Instance) { of.Token, of.OIDC = nil, oidc(of.URL, "secret") },
	} {
		t.Run(name, func(t *testing.T) {
			of := serve(t)
			change(&of)
			vector, err := connect(t, of).Vector(t.Context(), "up")
			require.NoError(t, err)
			require.Len(t, vector, 2)
			require.Equal(t, model.LabelValue("etcd"), vector[1].Metric["job"])
			vector, err = connect(t, of).Vector(t.Context(), "down")
			require.NoError(t, err)
			require.Empty(t, vector)
		})
	}
}

func oidc(url, field string) prometheusapi.OIDC {
	return prometheusapi.OIDC{ClientID: "bot", TokenURL: url + "/token", ClientSecret: secret.Ref{Path: "prometheus", Field: field}}
}

func TestWhatGoesWrongHasItsKind(t *testing.T) {
	for name, tc := range map[string]struct {
		change     func(*prometheusapi.Instance)
		expression string
		kind       apierr.Kind
		message    string
	}{
		"a token that is none": {
			func(of *prometheusapi.Instance) { of.Token.Field = "wrong" }, "up", apierr.Denied, "query: Unauthorized (401)",
		},
		"a client secret that is none": {
			func(of *prometheusapi.Instance) { of.Token, of.OIDC = nil, oidc(of.URL, "wrong") }, "up", apierr.Denied,
			"invalid_client (401): renew the accessTokenClientSecret of bot",
		},
		"an expression that cannot be evaluated": {
			func(*prometheusapi.Instance) {}, "up / up", apierr.Invalid, "execution: query processing would load too many samples into memory in query execution (422)",
		},
		"a path where nothing is": {
			func(of *prometheusapi.Instance) { of.Path = "nowhere" }, "up", apierr.Missing, "query: Not Found (404)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			of := serve(t)
			tc.change(&of)
			_, err := connect(t, of).Vector(t.Context(), tc.expression)
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.NotContains(t, err.Error(), "qt-planted")
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for body, want := range map[string]apierr.Kind{
		`<html>`: apierr.Unavailable,
		`{"status":"success","data":{"resultType":"matrix","result":[]}}`:                  apierr.Invalid,
		`{"status":"success","data":{"resultType":"vector","result":[{"value":"never"}]}}`: apierr.Unavailable,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		of := prometheusapi.Instance{Name: "odd", URL: server.URL, Token: &secret.Ref{Path: "prometheus", Field: "token"}}
		_, err := connect(t, of).Vector(t.Context(), "up")
		require.True(t, apierr.Is(err, want), "%s: %v", body, err)
		server.Close()
		_, err = connect(t, of).Vector(t.Context(), "up")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	}
	_, err := prometheusapi.NewPool(nothing{}).Connect(t.Context(), prometheusapi.Instance{Name: "x", URL: "telemeter", Token: &secret.Ref{}})
	require.ErrorContains(t, err, `prometheus x: its baseUrl "telemeter" is no http or https URL`)
}

// nothing has empty secrets.
type nothing struct{}

func (nothing) Read(context.Context, secret.Ref) (secret.Value, error) { return secret.Value{}, nil }

func (nothing) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return map[string]secret.Value{}, nil
}
