package fault_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// serve returns an injector before a server that counts what reaches it, and a function that posts to it.
func serve(t *testing.T, isRead func(*http.Request) bool) (*fault.Injector, *int, func(path string) (*http.Response, error)) {
	t.Helper()
	reached := 0
	injector := fault.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached++
		_, _ = io.WriteString(w, "done")
	}), isRead)
	server := httptest.NewServer(injector)
	t.Cleanup(server.Close)
	return injector, &reached, func(path string) (*http.Response, error) {
		resp, err := http.Post(server.URL+path, "text/plain", strings.NewReader("x"))
		if err == nil {
			t.Cleanup(func() { _ = resp.Body.Close() })
		}
		return resp, err
	}
}

func TestOneCallFailsOnce(t *testing.T) {
	for _, tc := range []struct {
		name    string
		failure fault.Failure
		status  int // zero: no answer
		reached int
	}{
		{"with a status, before the server sees it", fault.Failure{Status: 503}, 503, 2},
		{"with a status, after its effect", fault.Failure{Status: 503, AfterEffect: true}, 503, 3},
		{"by a cut connection, before the server sees it", fault.Failure{}, 0, 2},
		{"by a cut connection, after its effect", fault.Failure{AfterEffect: true}, 0, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			injector, reached, post := serve(t, nil)
			injector.FailNth(2, tc.failure)
			for call := 1; call <= 3; call++ {
				resp, err := post("/team")
				if call != 2 {
					require.NoError(t, err)
					require.Equal(t, http.StatusOK, resp.StatusCode)
					continue
				}
				if tc.status == 0 {
					require.ErrorIs(t, err, io.EOF)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, tc.status, resp.StatusCode)
			}
			require.Equal(t, tc.reached, *reached)
			require.Len(t, injector.Calls(), 3)
		})
	}
}

func TestAFailureIsAnsweredAsGiven(t *testing.T) {
	injector, _, post := serve(t, nil)
	injector.FailNth(1, fault.Failure{Status: 429, Header: http.Header{"Retry-After": {"2"}}, Body: "slow down"})
	resp, err := post("/team")
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "slow down", string(body))
	require.Equal(t, "2", resp.Header.Get("Retry-After"))
}

func TestWritesAreToldFromReads(t *testing.T) {
	injector, _, post := serve(t, func(r *http.Request) bool { return r.URL.Path == "/query" })
	for _, path := range []string{"/team?dry=yes", "/query"} {
		_, err := post(path)
		require.NoError(t, err)
	}
	require.Len(t, injector.Calls(), 2)
	writes := injector.Writes()
	require.Len(t, writes, 1)
	require.True(t, writes[0].Write)
	require.True(t, writes[0].Same(fault.Call{Method: "POST", Path: "/team", Query: "dry=yes"}))

	injector.FailNth(1, fault.Failure{Status: 500})
	injector.Reset()
	require.Empty(t, injector.Calls())
	resp, err := post("/team")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "a reset forgets the failure too")
}

func TestOperationsTellCallsApart(t *testing.T) {
	// The operation is the first word of the body.
	operation := func(r *http.Request) string {
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(text))
		name, _, _ := strings.Cut(string(text), " ")
		return name
	}
	injector := fault.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }), nil, fault.WithOperations(operation))
	server := httptest.NewServer(injector)
	t.Cleanup(server.Close)
	post := func(text string) (int, string) {
		resp, err := http.Post(server.URL, "text/plain", strings.NewReader(text))
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(answer)
	}
	for _, text := range []string{"Tag a", "Tag b", "Move a", ""} {
		_, answer := post(text)
		require.Equal(t, text, answer, "the server gets the body")
	}
	calls := injector.Calls()
	require.Len(t, calls, 4)
	require.Equal(t, "POST / Tag", calls[0].String())
	require.Equal(t, "Move", calls[2].Operation)
	require.Equal(t, "POST /", calls[3].String())
	require.True(t, calls[0].Same(calls[1]))
	require.False(t, calls[0].Same(calls[2]))

	injector.FailNext(calls[2], fault.Failure{Status: 503})
	status, _ := post("Tag a")
	require.Equal(t, http.StatusOK, status)
	status, _ = post("Move b")
	require.Equal(t, http.StatusServiceUnavailable, status)
}
