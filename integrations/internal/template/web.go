package template

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
)

// webTimeout is the deadline of one page.
const webTimeout = 60 * time.Second

// pages asks for pages over HTTP.
type pages struct{ client *http.Client }

func newWeb() pages {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Whether there is something is asked, of servers whose certificates nobody here knows; nothing that they say is used.
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // said above
	return pages{&http.Client{Transport: transport, Timeout: webTimeout}}
}

// Status implements web. It is Unavailable for a server that takes the connection and does not answer in time.
func (p pages) Status(ctx context.Context, address string) (int, error) {
	if err := inputs.Outside(ctx, "a page of the web"); err != nil {
		return 0, err
	}
	// Messages have the host alone: the rest may be a secret.
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return 0, apierr.Errorf(apierr.Invalid, "url takes an http or https URL")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, apierr.Errorf(apierr.Invalid, "url takes an http or https URL")
	}
	response, err := p.client.Do(request)
	var timeout net.Error
	switch {
	case err == nil:
		_ = response.Body.Close()
		return response.StatusCode, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.As(err, &timeout) && timeout.Timeout():
		return 0, apierr.Errorf(apierr.Unavailable, "url: %s does not answer in time", parsed.Host)
	}
	return 0, nil
}
