// Package silence is a server that takes connections and requests and never answers: what a client must not wait for
// without end.
package silence

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Server returns the address of a server that answers the paths that are given, with nothing, and no others. It ends
// with the test.
func Server(tb testing.TB, answered ...string) string {
	tb.Helper()
	ended := make(chan struct{})
	mux := http.NewServeMux()
	for _, path := range answered {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	}
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-ended:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	tb.Cleanup(func() {
		close(ended)
		server.Close()
	})
	return server.URL
}

// Transport is one that waits for an answer until the request is given up. Unlike a server it works on a clock of the
// test's own (testing/synctest).
type Transport struct{}

// RoundTrip implements http.RoundTripper.
func (Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
