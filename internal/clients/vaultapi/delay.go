package vaultapi

import (
	"context"
	"net/http"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// delayKey is where the context of a request holds a *time.Duration for the answer's Retry-After header, which the
// library's errors do not carry.
type delayKey struct{}

func withDelay(ctx context.Context) (context.Context, *time.Duration) {
	delay := new(time.Duration)
	return context.WithValue(ctx, delayKey{}, delay), delay
}

// noteDelay is a transport that notes how long Vault asks to wait.
func noteDelay(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if delay, ok := req.Context().Value(delayKey{}).(*time.Duration); ok && err == nil && resp.StatusCode == http.StatusTooManyRequests {
			*delay = apierr.RetryAfter(apierr.FromResponse(resp, errLimited))
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
