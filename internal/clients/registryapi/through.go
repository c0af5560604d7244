package registryapi

import (
	"net/http"
	"net/url"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// through sends the requests to all registries to one server, which tells them by their Host.
type through struct {
	next http.RoundTripper
	at   func() (string, error)
}

// RoundTrip implements http.RoundTripper.
func (t through) RoundTrip(req *http.Request) (*http.Response, error) {
	address, err := t.at()
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" {
		return nil, apierr.Errorf(apierr.Invalid, "%q is no URL of a server for registries", address)
	}
	there := req.Clone(req.Context())
	there.Host = req.URL.Host
	there.URL.Scheme, there.URL.Host = base.Scheme, base.Host
	return t.next.RoundTrip(there)
}
