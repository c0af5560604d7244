package readonly_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

func TestTransport(t *testing.T) {
	for _, tc := range []struct {
		name    string
		method  string
		path    string
		granted bool
		sent    bool
	}{
		{"a read passes", http.MethodGet, "/teams", false, true},
		{"a write outside apply is refused", http.MethodPut, "/teams/a", false, false},
		{"a delete outside apply is refused", http.MethodDelete, "/teams/a", false, false},
		{"a write during apply passes", http.MethodPut, "/teams/a", true, true},
		{"a query sent by POST counts as a read", http.MethodPost, "/query", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent := false
			server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent = true }))
			defer server.Close()
			client := &http.Client{Transport: readonly.Transport(http.DefaultTransport, func(r *http.Request) bool { return r.URL.Path == "/query" })}
			ctx := context.Background()
			if tc.granted {
				ctx = readonly.Grant(ctx)
			}
			req, err := http.NewRequestWithContext(ctx, tc.method, server.URL+tc.path, nil)
			require.NoError(t, err)
			resp, err := client.Do(req)
			require.Equal(t, tc.sent, sent)
			if tc.sent {
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				return
			}
			require.ErrorContains(t, err, "refused to write outside apply: "+tc.method)
			require.True(t, apierr.Is(err, apierr.Guard))
		})
	}
}
