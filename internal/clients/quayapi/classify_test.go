package quayapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestRefused(t *testing.T) {
	const page = "<html><head><title>429 Too Many Requests</title></head></html>"
	for _, tc := range []struct {
		name       string
		status     int
		retryAfter string
		body       string
		kind       apierr.Kind
		delay      time.Duration
		message    string
	}{
		{"the data model refuses", 400, "", `{"message": "User a does not belong to team b"}`, apierr.Invalid, 0, "User a does not belong to team b (400)"},
		{"the API refuses", 400, "", `{"detail": "Unknown user", "error_message": "Unknown user", "status": 400}`, apierr.Invalid, 0, "Unknown user (400)"},
		{"an older error field", 400, "", `{"error_message": "Unknown user"}`, apierr.Invalid, 0, "Unknown user (400)"},
		{"the token is wrong", 401, "", `{"detail": "Requires authentication", "title": "invalid_token"}`, apierr.Denied, 0, "Requires authentication (401): renew the automationToken of the organisation"},
		{"the token is for something else", 403, "", `{"detail": "Unauthorized", "title": "insufficient_scope"}`, apierr.Denied, 0, "Unauthorized (403): the organisation does not exist, or its automationToken may not administer it"},
		{"something is not there", 404, "", `{"detail": "Not Found", "title": "not_found"}`, apierr.Missing, 0, "Not Found (404)"},
		{"the proxy limits the rate", 429, "7", page, apierr.Limited, 7 * time.Second, "Too Many Requests (429)"},
		{"the proxy limits the rate and names no delay", 429, "", page, apierr.Limited, 0, "Too Many Requests (429)"},
		{"Quay is read-only", 503, "", `{"message": "System is currently read-only.", "is_readonly": true}`, apierr.Unavailable, 0, "System is currently read-only. (503)"},
		{"Quay is busy", 503, "1", `{"message": "Service temporary unavailable"}`, apierr.Unavailable, time.Second, "Service temporary unavailable (503)"},
		{"a server behind Quay fails", 520, "", `{"detail": "took too long"}`, apierr.Unavailable, 0, "took too long (520)"},
		{"a bad gateway", 502, "", page, apierr.Unavailable, 0, "Bad Gateway (502)"},
		{"an unknown code without a body", 599, "", "", apierr.Unavailable, 0, "no reason given (599)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp := &http.Response{StatusCode: tc.status, Header: http.Header{"Retry-After": {tc.retryAfter}}}
			err := refused(resp, []byte(tc.body))
			require.EqualError(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind))
			require.Equal(t, tc.delay, apierr.RetryAfter(err))
		})
	}
}
