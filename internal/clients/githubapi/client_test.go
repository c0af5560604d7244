package githubapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/github"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

type secrets map[string]string

func (s secrets) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	token, ok := s[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "no secret %s", ref)
	}
	return secret.New(token), nil
}

func (s secrets) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return nil, nil
}

func start(t *testing.T) (*github.Server, *githubapi.Pool) {
	t.Helper()
	server := github.New(github.Estate{
		Tokens: []string{"t0ken"},
		Repositories: map[string]github.Repository{"acme/shop": {DefaultBranch: "main", Refs: map[string]map[string]string{
			"main": {"README.md": "ä shop\n", "conf/a b.yml": strings.Repeat("x: 1\n", 100), "huge": strings.Repeat("x", 2<<20)},
			"v1":   {"README.md": "old"},
		}}},
	})
	served := httptest.NewServer(server)
	t.Cleanup(served.Close)
	return server, githubapi.NewPool(secrets{"good": "t0ken", "bad": "other"}, githubapi.Options{Endpoint: func() (string, error) { return served.URL, nil }})
}

func connect(t *testing.T, pool *githubapi.Pool, path string) *githubapi.Client {
	t.Helper()
	client, err := pool.Connect(t.Context(), githubapi.Organisation{Name: "acme", Token: secret.Ref{Path: path, Field: "token"}})
	require.NoError(t, err)
	return client
}

func TestAFileIsReadAtARef(t *testing.T) {
	_, pool := start(t)
	client := connect(t, pool, "good")
	for _, tc := range []struct{ path, ref, content string }{
		{"README.md", "main", "ä shop\n"},
		{"/README.md", "v1", "old"},
		{"README.md", "", "ä shop\n"},
		{"conf/a b.yml", "main", strings.Repeat("x: 1\n", 100)},
	} {
		content, err := client.File(t.Context(), "acme/shop", tc.path, tc.ref)
		require.NoError(t, err)
		require.Equal(t, tc.content, content)
	}
}

func TestAFileThatCannotBeReadIsAnErrorOfItsKind(t *testing.T) {
	_, pool := start(t)
	for _, tc := range []struct {
		name, token, repository, path, ref string
		kind                               apierr.Kind
		message                            string
	}{
		{"a file that is not there", "good", "acme/shop", "nope", "main", apierr.Missing, "read nope of acme/shop at main: Not Found (404)"},
		{"a ref that is not there", "good", "acme/shop", "README.md", "v9", apierr.Missing, "No commit found for the ref v9"},
		{"a repository that is not there", "good", "acme/none", "README.md", "main", apierr.Missing, "let the token's account read it"},
		{"a folder", "good", "acme/shop", "conf", "main", apierr.Invalid, "it is a folder"},
		{"a file of two MiB", "good", "acme/shop", "huge", "main", apierr.Invalid, "larger than a MiB"},
		{"a name without an owner", "good", "shop", "README.md", "main", apierr.Invalid, "write OWNER/NAME"},
		{"a token that is not accepted", "bad", "acme/shop", "README.md", "main", apierr.Denied, "Bad credentials (401): renew the token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := connect(t, pool, tc.token).File(t.Context(), tc.repository, tc.path, tc.ref)
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.NotContains(t, err.Error(), "t0ken")
		})
	}
}

func TestWhatHasNotChangedDoesNotCountAgainstTheRateLimit(t *testing.T) {
	server, pool := start(t)
	read := func() string {
		content, err := connect(t, pool, "good").File(t.Context(), "acme/shop", "README.md", "main")
		require.NoError(t, err)
		return content
	}
	require.Equal(t, "ä shop\n", read())
	require.Equal(t, "ä shop\n", read())
	require.Equal(t, 1, server.Counted())
	server.Edit(func(e *github.Estate) { e.Repositories["acme/shop"].Refs["main"]["README.md"] = "new" })
	require.Equal(t, "new", read())
	require.Equal(t, 2, server.Counted())
}

func TestARateLimitIsWaitedForAsGitHubSays(t *testing.T) {
	for _, tc := range []struct {
		name      string
		secondary bool
	}{{"the hourly limit", false}, {"the limit of requests at once", true}} {
		t.Run(tc.name, func(t *testing.T) {
			server, pool := start(t)
			server.Throttle(github.Throttle{Requests: 1, RetryAfter: 90, Secondary: tc.secondary})
			_, err := connect(t, pool, "good").File(t.Context(), "acme/shop", "README.md", "main")
			require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
			require.InDelta(t, 90, apierr.RetryAfter(err).Seconds(), 5)
		})
	}
}

func TestServersThatFailAreUnavailable(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"an error of the server":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"an answer that is not JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"content that is not in base64": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"type":"file","encoding":"base64","content":"?"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(serve)
			defer server.Close()
			client, err := githubapi.New(githubapi.Config{URL: server.URL, Token: secret.New("t")})
			require.NoError(t, err)
			_, err = client.File(t.Context(), "a/b", "c", "")
			require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		})
	}
}

func TestFailureMode12_AGitHubThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := githubapi.New(githubapi.Config{Token: secret.New("t"), Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.File(t.Context(), "acme/shop", "README.md", "main")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "github api.github.com")
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestAClientIsNotMadeWithoutAnAddressOrAToken(t *testing.T) {
	_, err := githubapi.New(githubapi.Config{URL: "github.com"})
	require.ErrorContains(t, err, "no http or https URL")
	_, pool := start(t)
	_, err = pool.Connect(t.Context(), githubapi.Organisation{Name: "acme", Token: secret.Ref{Path: "none"}})
	require.ErrorContains(t, err, "token for github acme")
	require.True(t, apierr.Is(err, apierr.Missing))
	recorded, _ := inputs.Record(t.Context())
	_, err = pool.Connect(recorded, githubapi.Organisation{Name: "acme", Token: secret.Ref{Path: "good"}})
	require.ErrorContains(t, err, "no data of app-interface")
}

func TestExactlyOneOrganisationIsTheDefault(t *testing.T) {
	one, other := githubapi.Organisation{Name: "one", Default: true}, githubapi.Organisation{Name: "other"}
	found, err := githubapi.Default([]githubapi.Organisation{other, one})
	require.NoError(t, err)
	require.Equal(t, one, found)
	_, err = githubapi.Default([]githubapi.Organisation{other})
	require.ErrorContains(t, err, "no GitHub organisation is the default one")
	other.Default = true
	_, err = githubapi.Default([]githubapi.Organisation{one, other})
	require.ErrorContains(t, err, "one, other: leave default: true to one")
}
