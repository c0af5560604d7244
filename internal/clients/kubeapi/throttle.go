package kubeapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// delayKey is where the context of a request holds a *time.Duration for the answer's Retry-After header, which
// client-go drops where the answer has a body of the API.
type delayKey struct{}

// withDelay returns a context in which the transport notes the delay that a server asks for.
func withDelay(ctx context.Context) (context.Context, *time.Duration) {
	delay := new(time.Duration)
	return context.WithValue(ctx, delayKey{}, delay), delay
}

// noteDelay is a transport that notes Retry-After headers.
func noteDelay(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if delay, ok := req.Context().Value(delayKey{}).(*time.Duration); ok && err == nil {
			*delay = apierr.RetryAfter(apierr.FromResponse(resp, errors.New("refused")))
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// delayed sets the delay on a classified error that carries none.
func delayed(err error, delay time.Duration) error {
	var classified *apierr.Error
	if errors.As(err, &classified) && classified.RetryAfter == 0 {
		classified.RetryAfter = delay
	}
	return err
}
