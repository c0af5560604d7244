package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// songBundle is a bundle with one song of that title, and a resource of that content.
func songBundle(t testing.TB, title string) *server.Bundle {
	t.Helper()
	files := songs()
	files["data/songs/one.yml"] = "$schema: /song-1.yml\ntitle: " + title + "\nmeta: { a: 1, b: [ 2 ] }\n"
	files["resources/notes/one.md"] = title
	if title != "first" {
		delete(files, "data/songs/two.json")
	}
	b, err := server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema, Commit: "commit-of-" + title, Timestamp: "17"})
	require.NoError(t, err)
	return b
}

// world is a server whose source and clock the test sets.
type world struct {
	*server.Server
	url string

	mu     sync.Mutex
	now    time.Time
	source server.Source
}

func start(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Unix(1_700_000_000, 0)}
	var err error
	w.Server, err = server.New(server.Options{
		Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now },
		Source: func(ctx context.Context) (*server.Bundle, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.source(ctx)
		},
	})
	require.NoError(t, err)
	listener := httptest.NewServer(w.Handler())
	t.Cleanup(listener.Close)
	w.url = listener.URL
	return w
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) serve(source server.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.source = source
}

func (w *world) do(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

func (w *world) requireAnswer(t *testing.T, path, title string) {
	t.Helper()
	status, body := w.do(t, http.MethodPost, path, `{"query": "{ songs_v1(path: \"/songs/one.yml\") { title } }"}`)
	require.Equal(t, http.StatusOK, status, body)
	require.JSONEq(t, fmt.Sprintf(`{"data": {"songs_v1": [{"title": %q}]}, "extensions": {"schemas": ["/song-1.yml"]}}`, title), body)
}

func TestEndpoints(t *testing.T) {
	w := start(t)
	status, body := w.do(t, http.MethodPost, "/graphql", `{"query": "{ songs_v1 { title } }"}`)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "No loaded data.", body)

	old := w.Load(songBundle(t, "first"))
	latest := w.Load(songBundle(t, "second"))
	query := url.Values{"query": {`query Q($p: String) { songs_v1(path: $p) { title } }`}, "variables": {`{"p": "/songs/one.yml"}`}, "operationName": {"Q"}}
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"sha of the latest", "GET", "/sha256", "", 200, latest},
		{"commit of the latest", "GET", "/git-commit", "", 200, "commit-of-second"},
		{"commit of a sha", "GET", "/git-commit/" + old, "", 200, "commit-of-first"},
		{"commit of an unknown sha", "GET", "/git-commit/x", "", 404, "Bundle x not found"},
		{"commit info of the latest", "GET", "/git-commit-info", "", 200, `{"commit":"commit-of-second","timestamp":"17"}`},
		{"commit info of a sha", "GET", "/git-commit-info/" + old, "", 200, `{"commit":"commit-of-first","timestamp":"17"}`},
		{"commit info of an unknown sha", "GET", "/git-commit-info/x", "", 404, "Bundle x not found"},
		{"a query by GET", "GET", "/graphql?" + query.Encode(), "", 200, `{"data":{"songs_v1":[{"title":"second"}]},"extensions":{"schemas":["/song-1.yml"]}}`},
		{"a query by GET on a sha", "GET", "/graphqlsha/" + old + "?" + query.Encode(), "", 200, `{"data":{"songs_v1":[{"title":"first"}]},"extensions":{"schemas":["/song-1.yml"]}}`},
		{"a query on an unknown sha", "POST", "/graphqlsha/x", `{"query": "{ songs_v1 { title } }"}`, 404, "Bundle x not found"},
		{"a GET without query", "GET", "/graphql", "", 400, "holds no query"},
		{"variables that are no object", "GET", "/graphql?query=%7Ba%7D&variables=3", "", 400, "must be a JSON object"},
		{"a body that is not JSON", "POST", "/graphql", `{`, 400, "BAD_REQUEST"},
		{"a batch", "POST", "/graphql", `[{"query": "{ songs_v1 { title } }"}]`, 400, "must be a JSON object"},
		{"no body", "POST", "/graphql", "", 400, "application/json"},
		{"a body that is too large", "POST", "/graphql", `{"query": "` + strings.Repeat("x", 1<<20) + `"}`, 413, "larger than"},
		{"a query that is invalid", "POST", "/graphql", `{"query": "{ nothing }"}`, 400, "GRAPHQL_VALIDATION_FAILED"},
		{"health", "GET", "/healthz", "", 200, ""},
		{"an unknown path", "GET", "/nothing", "", 404, "not found"},

		{"a diff of equal bundles", "GET", "/diff/" + old + "/" + old, "", 200, `{"datafiles":{},"resources":{}}`},
		{"a diff against an unknown sha", "GET", "/diff/" + old + "/x", "", 404, "Bundle x not found"},
		{"a diff from an unknown sha", "GET", "/diff/x/" + latest, "", 404, "Bundle x not found"},
		{"a diff of one datafile", "GET", "/diff/" + old + "/" + latest + "/datafile/songs/one.yml", "", 200,
			`{"datafilepath":"/songs/one.yml","datafileschema":"/song-1.yml","old":{"$schema":"/song-1.yml","title":"first","meta":{"a":1,"b":[2]},"path":"/songs/one.yml"},"new":{"$schema":"/song-1.yml","title":"second","meta":{"a":1,"b":[2]},"path":"/songs/one.yml"}}`},
		{"a diff of a deleted datafile", "GET", "/diff/" + old + "/" + latest + "/datafile/songs/two.json", "", 200,
			`{"datafilepath":"/songs/two.json","datafileschema":"/song-1.yml","old":{"$schema":"/song-1.yml","title":"two","path":"/songs/two.json"}}`},
		{"a diff of an unknown datafile", "GET", "/diff/" + old + "/" + latest + "/datafile/none.yml", "", 404, "datafile not found"},
		{"a diff without a path", "GET", "/diff/" + old + "/" + latest + "/datafile", "", 404, "datafile not found"},
		{"a diff of one resource", "GET", "/diff/" + old + "/" + latest + "/resourcefile/notes/one.md", "", 200, `"content":"second"`},
		{"a diff of an unknown resource", "GET", "/diff/" + old + "/" + latest + "/resourcefile/none", "", 404, "resourcefile not found"},
		{"a diff of an unknown type", "GET", "/diff/" + old + "/" + latest + "/nofile/a.yml", "", 400, "unknown filetype nofile"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := w.do(t, tc.method, tc.path, tc.body)
			require.Equal(t, tc.status, status, body)
			require.Contains(t, body, tc.want)
		})
	}

	_, body = w.do(t, http.MethodGet, "/cache", "")
	for _, part := range []string{`"bundleCache":[{"sha":`, `"expiration":1700001200000`, `"bundles":[`, `"routerStack":2`, `"searchableFields":[`} {
		require.Contains(t, body, part)
	}
	_, body = w.do(t, http.MethodGet, "/metrics", "")
	for _, part := range []string{
		"qontract_server_reloads_total 2\n", `qontract_server_datafiles{schema="/song-1.yml"} 1`, "qontract_server_bundle_object_shas 2\n",
		"qontract_server_bundle_cache_object_shas 2\n", `http_request_duration_seconds_count{method="GET",path="/graphqlsha/#sha",status_code="2xx"} 1`,
		"qontract_server_process_", `path="/diff/{base}/{head}/{type}/{path...}"`,
	} {
		require.Contains(t, body, part)
	}
	require.NotContains(t, body, old, "a sha must not become a label")
}

func TestAWholeDiffHoldsOnlyWhatChanged(t *testing.T) {
	old, new := songBundle(t, "first"), songBundle(t, "second")
	diff := server.Compare(old, new)
	require.Len(t, diff.Datafiles, 2)
	require.NotNil(t, diff.Datafiles["/songs/one.yml"].New)
	require.Nil(t, diff.Datafiles["/songs/two.json"].New)
	require.Equal(t, "/song-1.yml", diff.Datafiles["/songs/two.json"].Schema)
	require.Len(t, diff.Resources, 1)
	require.Equal(t, "/notes/one.md", diff.Resources["/notes/one.md"].Path)

	back := server.Compare(new, old)
	require.Nil(t, back.Datafiles["/songs/two.json"].Old)
	require.NotNil(t, back.Datafiles["/songs/two.json"].New)
}

func TestABrokenReloadLeavesThePreviousBundle(t *testing.T) {
	w := start(t)
	sha := w.Load(songBundle(t, "first"))
	files := songs()
	files["data/broken.yml"] = "$schema: /song-1.yml\n\ttitle: tab\n"
	w.serve(func(context.Context) (*server.Bundle, error) {
		return server.ReadFolder(folder(files), server.FolderOptions{Schema: songSchema})
	})
	status, body := w.do(t, http.MethodPost, "/reload", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "error parsing bundle, not replacing")
	require.Contains(t, body, "/broken.yml")
	require.Contains(t, body, "line 2")
	w.requireAnswer(t, "/graphql", "first")
	require.Equal(t, sha, w.Latest().SHA())

	next := songBundle(t, "second")
	w.serve(func(context.Context) (*server.Bundle, error) { return next, nil })
	status, _ = w.do(t, http.MethodPost, "/reload", "")
	require.Equal(t, http.StatusOK, status)
	w.requireAnswer(t, "/graphql", "second")
	w.requireAnswer(t, "/graphqlsha/"+sha, "first")
}

func TestAReloadWithoutSourceFails(t *testing.T) {
	s, err := server.New(server.Options{})
	require.NoError(t, err)
	_, err = s.Reload(context.Background())
	require.ErrorContains(t, err, "nothing to reload")
}

func TestExpiry(t *testing.T) {
	w := start(t)
	first := w.Load(songBundle(t, "first"))
	w.pass(3 * time.Hour)
	second := w.Load(songBundle(t, "second"))
	require.NotNil(t, w.Bundle(first), "its time starts when it is replaced")

	w.pass(15 * time.Minute)
	w.requireAnswer(t, "/graphqlsha/"+first, "first")
	w.pass(15 * time.Minute)
	third := w.Load(songBundle(t, "third"))
	require.NotNil(t, w.Bundle(first), "a query gives it another twenty minutes")

	w.pass(21 * time.Minute)
	require.Equal(t, third, w.Load(songBundle(t, "third")))
	require.Nil(t, w.Bundle(first))
	require.Nil(t, w.Bundle(second))
	status, _ := w.do(t, http.MethodPost, "/graphqlsha/"+first, `{"query": "{ songs_v1 { title } }"}`)
	require.Equal(t, http.StatusNotFound, status)

	w.pass(24 * time.Hour)
	w.requireAnswer(t, "/graphql", "third")
}

func TestABundleThatIsStillKeptCanBecomeTheLatestAgain(t *testing.T) {
	w := start(t)
	first := w.Load(songBundle(t, "first"))
	w.Load(songBundle(t, "second"))
	w.Load(songBundle(t, "first"))
	require.Equal(t, first, w.Latest().SHA())
}

func TestQueriesReloadsAndDiffsRunTogether(t *testing.T) {
	w := start(t)
	bundles := []*server.Bundle{songBundle(t, "first"), songBundle(t, "second")}
	for _, b := range bundles {
		w.Load(b)
	}
	failures := make(chan error, 64)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 20 {
				b := bundles[(worker+i)%2]
				w.Load(b)
				answer := b.Execute(context.Background(), server.Query{Query: `{ songs_v1(filter: {title: {ne: "x"}}) { title album { title } meta } resources_v1 { path } __schema { types { name } } }`})
				if len(answer.Errors) > 0 || len(answer.Extensions.Schemas) != 2 {
					failures <- fmt.Errorf("%+v", answer)
				}
				if diff := server.Compare(bundles[0], bundles[1]); len(diff.Datafiles) != 2 {
					failures <- errors.New("diff")
				}
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
}
