// Package readonly makes a write outside apply impossible to overlook: clients ask it before they write, and it
// refuses unless the activity that applies a change has granted writing to its context. A dry run never grants.
package readonly

import (
	"context"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

type grant struct{}

// Grant returns a context that may write. Only the apply activity calls it, the one that tells people
// what happened, and commands by which people write.
func Grant(ctx context.Context) context.Context { return context.WithValue(ctx, grant{}, true) }

// Check returns an error that is never retried when ctx may not write. What names the write, for the message.
func Check(ctx context.Context, what string) error {
	if granted, _ := ctx.Value(grant{}).(bool); granted {
		return nil
	}
	return apierr.Errorf(apierr.Guard, "refused to write outside apply: %s", what)
}

// Transport refuses requests that write, before anything is sent. Reads are GET, HEAD and OPTIONS, and whatever
// the optional function isRead recognises besides (a query sent by POST, a server-side dry run).
func Transport(next http.RoundTripper, isRead func(*http.Request) bool) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		switch req.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			return next.RoundTrip(req)
		}
		if isRead == nil || !isRead(req) {
			if err := Check(req.Context(), req.Method+" "+req.URL.Redacted()); err != nil {
				return nil, err
			}
		}
		return next.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
