package appinterface_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const sha = "8a5d8b2f"

// world is an app-interface that answers what a test tells it to.
type world struct {
	t *testing.T
	// graphql answers a query by operation name; nil answers empty data.
	graphql func(w http.ResponseWriter, path, operation string, variables map[string]string)
	// other answers everything else.
	other http.HandlerFunc

	mu    sync.Mutex
	asked []string
	auth  []string
}

func (f *world) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.auth = append(f.auth, r.Header.Get("Authorization"))
	f.mu.Unlock()
	if !strings.HasPrefix(r.URL.Path, "/graphql") {
		f.note(r.URL.Path)
		f.other(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var sent struct {
		OperationName string            `json:"operationName"`
		Variables     map[string]string `json:"variables"`
	}
	if json.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.note(r.URL.Path + " " + sent.OperationName)
	f.graphql(w, r.URL.Path, sent.OperationName, sent.Variables)
}

func (f *world) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, what)
}

func (f *world) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func (f *world) client(config appinterface.Config) *appinterface.Client {
	server := httptest.NewServer(f)
	f.t.Cleanup(server.Close)
	config.URL = server.URL + "/graphql"
	client, err := appinterface.New(config)
	require.NoError(f.t, err)
	return client
}

func reply(w http.ResponseWriter, data string, schemas ...string) {
	touched, _ := json.Marshal(append([]string{}, schemas...))
	fmt.Fprintf(w, `{"data": %s, "extensions": {"schemas": %s}}`, data, touched)
}

type teams struct {
	Teams []string `json:"teams"`
}

func ask(ctx context.Context, client graphql.Client, operation string) (teams, error) {
	var data teams
	err := client.MakeRequest(ctx, &graphql.Request{OpName: operation, Query: "query " + operation + " { teams }"}, &graphql.Response{Data: &data})
	return data, err
}

func TestAQueryGoesToThePinnedBundle(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		reply(w, `{"teams": ["a"]}`, "/access/role-1.yml")
	}}
	client := f.client(appinterface.Config{Token: secret.New("Basic dXNlcg==")})
	session := client.For("quay-membership", sha, false)

	got, err := ask(t.Context(), session, "Teams")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, got.Teams)
	require.Equal(t, []string{"/access/role-1.yml"}, session.Schemas())
	require.Equal(t, []string{"/graphqlsha/" + sha + " Teams"}, f.requests())
	require.Equal(t, []string{"Basic dXNlcg=="}, f.auth)

	_, err = ask(t.Context(), client.For("quay-membership", "", false), "Teams")
	require.NoError(t, err)
	require.Equal(t, "/graphql Teams", f.requests()[1])
}

func TestAnAnswerOfAPinnedBundleIsFetchedOnce(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, path, _ string, _ map[string]string) {
		reply(w, `{"teams": ["`+path+`"]}`, "/access/role-1.yml")
	}}
	client := f.client(appinterface.Config{})
	for range 3 {
		session := client.For("quay-membership", sha, false)
		_, err := ask(t.Context(), session, "Teams")
		require.NoError(t, err)
		require.Equal(t, []string{"/access/role-1.yml"}, session.Schemas(), "a cached answer counts as a query of its schemas")
	}
	require.Len(t, f.requests(), 1)

	got, err := ask(t.Context(), client.For("quay-membership", "otherbundle", false), "Teams")
	require.NoError(t, err)
	require.Equal(t, []string{"/graphqlsha/otherbundle"}, got.Teams)
	require.Len(t, f.requests(), 2, "another bundle has answers of its own")

	for range 2 {
		_, err = ask(t.Context(), client.For("quay-membership", "", false), "Teams")
		require.NoError(t, err)
	}
	require.Len(t, f.requests(), 4, "unpinned answers are never kept")
}

func TestTheCacheIsBoundedByBytes(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		reply(w, `{"teams": ["`+strings.Repeat("x", 400)+`"]}`)
	}}
	client := f.client(appinterface.Config{CacheBytes: 4400})
	session := client.For("quay-membership", sha, false)
	for _, operation := range []string{"A", "B", "A", "C", "A", "B"} {
		_, err := ask(t.Context(), session, operation)
		require.NoError(t, err)
	}
	var operations []string
	for _, request := range f.requests() {
		operations = append(operations, strings.Fields(request)[1])
	}
	require.Equal(t, []string{"A", "B", "C", "B"}, operations, "B was used least recently when C needed its room")
}

func TestAnAnswerLargerThanTheCacheIsStillGiven(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) { reply(w, `{"teams": ["a"]}`) }}
	session := f.client(appinterface.Config{CacheBytes: 5}).For("quay-membership", sha, false)
	for range 2 {
		got, err := ask(t.Context(), session, "Teams")
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, got.Teams)
	}
	require.Len(t, f.requests(), 2)
}

func TestEqualQueriesAtTheSameTimeAreSentOnce(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		calls.Add(1)
		close(arrived)
		<-release
		reply(w, `{"teams": ["a"]}`)
	}}
	client := f.client(appinterface.Config{})

	first, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := ask(first, client.For("quay-membership", sha, false), "Teams")
		failed <- err
	}()
	<-arrived
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled, "a caller that gives up returns at once")

	results := make(chan error, 4)
	for range 4 {
		go func() {
			got, err := ask(context.WithoutCancel(t.Context()), client.For("quay-membership", sha, false), "Teams")
			if err == nil && len(got.Teams) != 1 {
				err = errors.New("no teams")
			}
			results <- err
		}()
	}
	close(release)
	for range 4 {
		require.NoError(t, <-results, "the caller that gave up does not disturb the others")
	}
	require.EqualValues(t, 1, calls.Load())
}

func TestSchemaValidation(t *testing.T) {
	const integrations = `{"integrations": [
		{"name": "quay-membership", "schemas": ["/access/role-1.yml", "/app-sre/integration-1.yml"]},
		{"name": "empty", "schemas": []}]}`
	for _, tc := range []struct {
		name, integration string
		touched           []string
		validate          bool
		check             func(t *testing.T, err error)
	}{
		{"a listed schema may be queried", "quay-membership", []string{"/access/role-1.yml"}, true,
			func(t *testing.T, err error) { require.NoError(t, err) }},
		{"an unlisted schema is refused by name", "quay-membership", []string{"/access/role-1.yml", "/z.yml", "/b.yml", "/z.yml"}, true,
			func(t *testing.T, err error) {
				var forbidden *appinterface.ForbiddenSchemaError
				require.ErrorAs(t, err, &forbidden)
				require.Equal(t, &appinterface.ForbiddenSchemaError{Integration: "quay-membership", Schemas: []string{"/b.yml", "/z.yml"}}, forbidden)
				require.True(t, apierr.Is(err, apierr.Invalid))
				require.ErrorContains(t, err, "add /b.yml, /z.yml to its schemas")
			}},
		{"an unlisted schema passes without validation", "quay-membership", []string{"/z.yml"}, false,
			func(t *testing.T, err error) { require.NoError(t, err) }},
		{"an integration without datafile is unknown", "nobody", nil, true, isUnknown},
		{"an integration without schemas is unknown", "empty", nil, true, isUnknown},
		{"an unknown integration passes without validation", "nobody", nil, false,
			func(t *testing.T, err error) { require.NoError(t, err) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &world{t: t, graphql: func(w http.ResponseWriter, _, operation string, _ map[string]string) {
				if operation == "Integrations" {
					reply(w, integrations, "/app-sre/integration-1.yml")
					return
				}
				reply(w, `{"teams": []}`, tc.touched...)
			}}
			_, err := ask(t.Context(), f.client(appinterface.Config{}).For(tc.integration, sha, tc.validate), "Teams")
			tc.check(t, err)
		})
	}
}

func TestAdmit(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		reply(w, `{"integrations": [{"name": "a", "schemas": ["/a.yml"]}]}`)
	}}
	client := f.client(appinterface.Config{})
	require.NoError(t, client.For("nobody", sha, false).Admit(t.Context()))
	require.Empty(t, f.requests())
	require.NoError(t, client.For("a", sha, true).Admit(t.Context()))
	isUnknown(t, client.For("nobody", sha, true).Admit(t.Context()))
}

func isUnknown(t *testing.T, err error) {
	var unknown *appinterface.UnknownIntegrationError
	require.ErrorAs(t, err, &unknown)
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.ErrorContains(t, err, unknown.Integration)
}

func TestTheListOfIntegrationsIsAskedForOncePerBundle(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, operation string, _ map[string]string) {
		if operation == "Integrations" {
			reply(w, `{"integrations": [{"name": "a", "schemas": ["/a.yml"]}, {"name": "b", "schemas": ["/b.yml"]}]}`)
			return
		}
		reply(w, `{"teams": []}`)
	}}
	client := f.client(appinterface.Config{})
	for _, integration := range []string{"a", "b", "a"} {
		session := client.For(integration, sha, true)
		for _, operation := range []string{"One", "Two"} {
			_, err := ask(t.Context(), session, operation)
			require.NoError(t, err)
		}
	}
	require.Len(t, f.requests(), 3)
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name     string
		status   int
		body     string
		sha      string
		kind     apierr.Kind
		message  string
		requests int
	}{
		{"an error of the query is final", 200, `{"data": null, "errors": [{"message": "no such field", "path": ["teams", 0]}]}`, sha, apierr.Invalid, "refused the query Teams: no such field (at teams[0])", 1},
		{"a query that does not validate is final", 400, `{"errors": [{"message": "Cannot query field"}]}`, sha, apierr.Invalid, "refused the query Teams: Cannot query field", 1},
		{"an answer without data is final", 200, `{"data": null}`, sha, apierr.Invalid, "without data", 1},
		{"data of another shape is final", 200, `{"data": {"teams": 7}}`, sha, apierr.Invalid, "query Teams: the answer does not fit", 1},
		{"a page that is no JSON may pass", 200, `<html>log in</html>`, sha, apierr.Unavailable, "something other than JSON: <html>log in", 1},
		{"a 404 on a pinned bundle is an expired bundle", 404, `Cannot POST`, sha, apierr.Invalid, "start a new run", 1},
		{"a 409 on a pinned bundle is an expired bundle", 409, ``, sha, apierr.Invalid, "bundle " + sha + " is no longer served", 1},
		{"a 404 without a pinned bundle is a wrong URL", 404, `not here`, "", apierr.Invalid, "correct server in the [graphql] table", 1},
		{"a 401 is a wrong token", 401, `who are you`, sha, apierr.Denied, "correct token in the [graphql] table", 1},
		{"a 429 is left to the retry policy", 429, `slow down`, sha, apierr.Limited, "slow down", 1},
		{"a 503 is tried three times", 503, `No loaded data.`, sha, apierr.Unavailable, "No loaded data.", 3},
		{"a sha that could leave the path is refused", 200, ``, "../reload", apierr.Invalid, "is not the sha of a bundle", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}}
			client := f.client(appinterface.Config{Token: secret.New("Basic hunter2")})
			_, err := ask(t.Context(), client.For("quay-membership", tc.sha, false), "Teams")
			require.ErrorContains(t, err, tc.message)
			require.NotContains(t, err.Error(), "hunter2")
			kind, _ := apierr.KindOf(err)
			require.Equal(t, tc.kind, kind)
			require.Len(t, f.requests(), tc.requests)
		})
	}
}

func TestAnExpiredBundleIsNamed(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) { w.WriteHeader(http.StatusNotFound) }}
	_, err := ask(t.Context(), f.client(appinterface.Config{}).For("quay-membership", sha, false), "Teams")
	var expired *appinterface.ExpiredBundleError
	require.ErrorAs(t, err, &expired)
	require.Equal(t, sha, expired.SHA)
}

func TestAFailureIsNotKept(t *testing.T) {
	var calls atomic.Int32
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		if calls.Add(1) == 1 {
			_, _ = io.WriteString(w, `{"errors": [{"message": "boom"}]}`)
			return
		}
		reply(w, `{"teams": ["a"]}`)
	}}
	session := f.client(appinterface.Config{}).For("quay-membership", sha, false)
	_, err := ask(t.Context(), session, "Teams")
	require.Error(t, err)
	_, err = ask(t.Context(), session, "Teams")
	require.NoError(t, err)
}

func TestAServerErrorThatPassesIsNotSeen(t *testing.T) {
	var calls atomic.Int32
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		reply(w, `{"teams": ["a"]}`)
	}}
	_, err := ask(t.Context(), f.client(appinterface.Config{}).For("quay-membership", sha, false), "Teams")
	require.NoError(t, err)
	require.EqualValues(t, 2, calls.Load())
}

func TestAnUnreachableServerIsNamedSoon(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := strings.Replace(server.URL, "http://", "http://user:hunter2@", 1)
	server.Close()
	client, err := appinterface.New(appinterface.Config{URL: url + "/graphql"})
	require.NoError(t, err)

	started := time.Now()
	_, err = ask(t.Context(), client.For("quay-membership", sha, false), "Teams")
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, strings.TrimPrefix(server.URL, "http://")+"/graphqlsha/"+sha+" cannot be reached")
	require.NotContains(t, err.Error(), "hunter2")
	require.Less(t, time.Since(started), 15*time.Second)
}

func TestACancelledQueryIsNotTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) {
		cancel()
		w.WriteHeader(http.StatusServiceUnavailable)
	}}
	_, err := ask(ctx, f.client(appinterface.Config{}).For("quay-membership", "", false), "Teams")
	require.Error(t, err)
	require.Len(t, f.requests(), 1)
}

func TestABadURLIsRefused(t *testing.T) {
	for _, url := range []string{"", "app-interface:4000/graphql", "ftp://host/graphql", "http://", "http://user:hunter2@%zz"} {
		_, err := appinterface.New(appinterface.Config{URL: url})
		require.ErrorContains(t, err, "correct server in the [graphql] table", "%s", url)
		require.NotContains(t, err.Error(), "hunter2")
		require.True(t, apierr.Is(err, apierr.Invalid))
	}
}
