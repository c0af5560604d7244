package ocmapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

const estate = `
now: 2030-06-01T12:00:00Z
clients:
  bot: {secret: hunter2, organizations: [org-1, org-2]}
  reader: {secret: look, readOnly: true}
organizations:
  org-1: {name: one, labels: {tier: gold}, capabilities: {capability.organization.x: "true"}}
  org-2: {name: two}
  org-3: {name: three}
versions:
  4.16.1: {upgradesTo: [4.17.0, 4.16.10, 4.16.2]}
  4.16.2: {}
  4.16.10: {}
  4.17.0: {}
gates:
  gate-1: {version: "4.17", label: api.openshift.com/gate-ocp}
  gate-2: {version: "4.17", label: api.openshift.com/gate-sts, stsOnly: true}
  gate-3: {version: "4.18", label: api.openshift.com/gate-ocp, appears: 2030-06-02T00:00:00Z}
addons: {logging: 1.2.0, metrics: 2.0.0}
clusters:
  c1:
    name: prod-1
    organization: org-1
    version: 4.16.1
    kubeconfig: {server: "https://api.prod-1.example.org:6443", token: root}
    labels: {team.owner: "it's ours", team.size: "3"}
    addons: {logging: {version: 1.1.0}, metrics: {version: 2.0.0, state: installing}}
  c2: {name: stage-1, organization: org-1, version: 4.16.1, product: rosa, sts: true, state: installing, gateAgreements: [gate-2]}
  h1:
    name: hosted-1
    organization: org-2
    version: 4.16.1
    product: rosa
    hypershift: true
    upgradeTakes: 30m
    upgradePolicies: {p-0: {version: 4.16.2, nextRun: 2030-06-01T11:50:00Z, state: scheduled}}
    nodePools: {workers: {version: 4.16.0, replicas: 2, instanceType: m5.xlarge}}
  x1: {name: far-away, organization: org-3, version: 4.16.1}
`

// served is a stand-in that notes the requests that it gets.
type served struct {
	*ocm.Server
	url string

	mu    sync.Mutex
	calls []string
}

func serve(t *testing.T, text string) *served {
	t.Helper()
	parsed, err := ocm.ParseEstate([]byte(text))
	require.NoError(t, err)
	s := &served{Server: ocm.New(parsed)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// requests returns those since the last time.
func (s *served) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *served) client(t *testing.T, id, clientSecret string) *ocmapi.Client {
	t.Helper()
	client, err := ocmapi.New(ocmapi.Config{URL: s.url, TokenURL: s.url + "/auth/token", ClientID: id, ClientSecret: secret.New(clientSecret)})
	require.NoError(t, err)
	return client
}

func applying(t *testing.T) context.Context {
	t.Helper()
	return readonly.Grant(t.Context())
}

func TestListClusters(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	names := func(condition ocmapi.Search) []string {
		clusters, err := client.ListClusters(t.Context(), condition)
		require.NoError(t, err)
		found := []string{}
		for _, c := range clusters {
			found = append(found, c.Name)
		}
		return found
	}
	require.Equal(t, []string{"prod-1", "stage-1", "hosted-1"}, names(ocmapi.Search{}), "not those of other organisations")
	require.Equal(t, []string{"prod-1", "stage-1"}, names(ocmapi.ManagedIn("org-1")))
	require.Equal(t, []string{"stage-1"}, names(ocmapi.All(ocmapi.ManagedIn("org-1"), ocmapi.Is("name", "stage-1"))))
	require.Empty(t, names(ocmapi.Is("name", "it's' or name like '%")))

	found, err := client.ListClusters(t.Context(), ocmapi.Is("name", "prod-1"))
	require.NoError(t, err)
	require.Equal(t, "c1", found[0].ID)
	require.True(t, found[0].Ready())
	require.False(t, found[0].IsSTS())
	require.Equal(t, ocmapi.ClusterVersion{
		ID: "openshift-v4.16.1", RawID: "4.16.1", ChannelGroup: "stable", AvailableUpgrades: []string{"4.16.2", "4.16.10", "4.17.0"},
	}, found[0].Version)
	other, err := client.GetCluster(t.Context(), "c2")
	require.NoError(t, err)
	require.False(t, other.Ready())
	require.True(t, other.IsSTS())
	_, err = client.GetCluster(t.Context(), "x1")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	require.ErrorContains(t, err, "look up cluster x1: CLUSTERS-MGMT-404: Cluster 'x1' not found (404), operation 7a6c4d1e")
}

func TestAListIsReadWhole(t *testing.T) {
	var text strings.Builder
	text.WriteString("clients: {bot: {secret: hunter2}}\norganizations: {o: {name: o}}\nclusters:\n")
	for i := range 250 {
		_, _ = fmt.Fprintf(&text, "  id-%03d: {name: n%d, organization: o, version: 4.16.1}\n", i, i)
	}
	s := serve(t, text.String())
	clusters, err := s.client(t, "bot", "hunter2").ListClusters(t.Context(), ocmapi.Search{})
	require.NoError(t, err)
	require.Len(t, clusters, 250)
	require.Len(t, s.requests(), 4, "a login and three pages")
}

func TestAListThatChangesIsNotTakenForWhole(t *testing.T) {
	for name, answer := range map[string]string{
		"fewer than it says": `{"kind": "ClusterList", "page": 1, "size": 1, "total": 2, "items": [{"id": "a"}]}`,
		"one of them twice":  `{"kind": "ClusterList", "page": 1, "size": 2, "total": 2, "items": [{"id": "a"}, {"id": "a"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := answering(t, answer).ListClusters(t.Context(), ocmapi.Search{})
			require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
			require.ErrorContains(t, err, "the list of 2 changed while it was read")
		})
	}
}

// answering is a client of a server that answers everything with this.
func answering(t *testing.T, answer string) *ocmapi.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			answer := `{"access_token": "t", "expires_in": 900}`
			_, _ = io.WriteString(w, answer)
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	client, err := ocmapi.New(ocmapi.Config{URL: server.URL, TokenURL: server.URL})
	require.NoError(t, err)
	return client
}

func TestAnAnswerThatIsNotOCMs(t *testing.T) {
	_, err := answering(t, "<html>").GetCluster(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "not the JSON that OCM sends")
}

func TestKubeconfig(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	config, err := client.Kubeconfig(t.Context(), "c1")
	require.NoError(t, err)
	require.Contains(t, config.Reveal(), "server: https://api.prod-1.example.org:6443")
	_, err = client.Kubeconfig(t.Context(), "c2")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	_, err = answering(t, "{}").Kubeconfig(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}

func TestAccessTokens(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	for range 2 {
		_, err := client.GetCluster(t.Context(), "c1")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"POST /auth/token", "GET /api/clusters_mgmt/v1/clusters/c1", "GET /api/clusters_mgmt/v1/clusters/c1"}, s.requests())

	s.ExpireTokens()
	_, err := client.GetCluster(t.Context(), "c1")
	require.NoError(t, err, "a token that is refused is replaced")
	require.Equal(t, []string{"GET /api/clusters_mgmt/v1/clusters/c1", "POST /auth/token", "GET /api/clusters_mgmt/v1/clusters/c1"}, s.requests())
}

func TestLoginsThatFail(t *testing.T) {
	s := serve(t, estate)
	_, err := s.client(t, "bot", "hunter3").GetCluster(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "/auth/token: Unauthorized (401): unauthorized_client: renew the accessTokenClientSecret of bot")
	require.NotContains(t, err.Error(), "hunter3")

	s.Throttle(ocm.Throttle{Requests: 1, RetryAfter: 9})
	_, err = s.client(t, "bot", "hunter2").GetCluster(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
	require.Equal(t, 9*time.Second, apierr.RetryAfter(err))
}

func TestErrorsOfRequests(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "reader", "look")
	_, err := client.GetCluster(t.Context(), "c1")
	require.NoError(t, err)
	s.Throttle(ocm.Throttle{Requests: 1, RetryAfter: 7})
	_, err = client.GetCluster(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
	require.Equal(t, 7*time.Second, apierr.RetryAfter(err))

	err = client.DeleteUpgradePolicy(applying(t), "c1", "p")
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "is not authorized to perform delete (403): give the service account of accessTokenClientId a role")
	for _, id := range []string{"", ".", ".."} {
		_, err = client.GetCluster(t.Context(), id)
		require.True(t, apierr.Is(err, apierr.Invalid), "%q", id)
	}
	_, err = client.GetCluster(t.Context(), "../clusters/c1")
	require.True(t, apierr.Is(err, apierr.Missing), "a strange ID is a cluster that is not there: %v", err)
}

func TestNoWriteOutsideApply(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	before, err := s.Dump()
	require.NoError(t, err)
	for _, err := range writes(t.Context(), client) {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
	after, err := s.Dump()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestRequestsAreCounted(t *testing.T) {
	collector := metrics.New()
	scope := collector.Begin(metrics.Origin{Step: "ocm-clusters/current"})
	_, err := serve(t, estate).client(t, "bot", "hunter2").GetCluster(metrics.Into(t.Context(), scope), "c1")
	require.NoError(t, err)
	scope.End()
	require.NoError(t, testutil.CollectAndCompare(collector, strings.NewReader(`# HELP qontract_reconcile_ocm_request_total Number of calls made to OCM API
# TYPE qontract_reconcile_ocm_request_total counter
qontract_reconcile_ocm_request_total{client_id="bot",verb="GET"} 1
`)))
}

func TestFailureMode12_AnOCMThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := ocmapi.New(ocmapi.Config{URL: "https://ocm.example", TokenURL: "https://sso.example/token", Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.GetCluster(t.Context(), "c1")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "ocm ocm.example: look up cluster c1: get an access token from https://sso.example/token")
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestAddressesAreChecked(t *testing.T) {
	for _, config := range []ocmapi.Config{{URL: "ocm.example", TokenURL: "https://sso"}, {URL: "https://ocm.example", TokenURL: "ftp://sso"}} {
		_, err := ocmapi.New(config)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "correct it in app-interface")
	}
}

func TestAccessOf(t *testing.T) {
	environment := appinterface.OCMEnvironment{
		URL: "u", AccessTokenURL: "t", AccessTokenClientID: "c", AccessTokenClientSecret: secret.Ref{Path: "p"},
	}
	require.Equal(t, ocmapi.Access{URL: "u", TokenURL: "t", ClientID: "c", ClientSecret: secret.Ref{Path: "p"}}, ocmapi.AccessOf(environment, ocmapi.Own{}))
	require.Equal(t, ocmapi.Access{URL: "u", TokenURL: "t2", ClientID: "c2", ClientSecret: secret.Ref{Path: "p2"}},
		ocmapi.AccessOf(environment, ocmapi.Own{ClientID: "c2", TokenURL: "t2", ClientSecret: &secret.Ref{Path: "p2"}}))
}

// vault holds one field per path.
type vault map[string]string

func (v vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	text, ok := v[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New(text), nil
}

func (v vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

func TestPoolSharesAccessTokensUntilTheSecretIsRenewed(t *testing.T) {
	s := serve(t, estate)
	secrets := vault{"ocm/bot": "wrong"}
	pool := ocmapi.NewPool(secrets)
	access := ocmapi.Access{URL: s.url, TokenURL: s.url + "/token", ClientID: "bot", ClientSecret: secret.Ref{Path: "ocm/bot", Field: "secret"}}
	ask := func() error {
		client, err := pool.Connect(t.Context(), access)
		require.NoError(t, err)
		_, err = client.GetCluster(t.Context(), "c1")
		return err
	}
	require.True(t, apierr.Is(ask(), apierr.Denied))
	secrets["ocm/bot"] = "hunter2"
	s.requests()
	require.NoError(t, ask())
	require.NoError(t, ask())
	require.Len(t, s.requests(), 3, "one login")

	access.ClientSecret.Path = "ocm/none"
	_, err := pool.Connect(t.Context(), access)
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	require.ErrorContains(t, err, "accessTokenClientSecret for ocm "+s.url)
}
