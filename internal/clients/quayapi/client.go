// Package quayapi is a thin client of Quay's REST API, version 1, for the calls that the Quay integrations make.
// Methods are safe to repeat: what is already in place, or already gone, is success.
package quayapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	// timeout is the deadline of one request.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer. A page of a list is a few KiB.
	mostAnswer = 32 << 20
)

// Config names one Quay and the credentials for it.
type Config struct {
	// URL is the instance's url in app-interface: a host name, or a URL where the scheme is not https.
	URL string
	// Token is an OAuth token that administers the organisations worked on.
	Token secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Client talks to one Quay with one token. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token secret.Value
	http  *http.Client
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	address := config.URL
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "quay instance URL %q is neither a host name nor an http or https URL: correct the url of the instance in app-interface", config.URL)
	}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &Client{
		base:  base.JoinPath("api", "v1"),
		token: config.Token,
		http:  &http.Client{Transport: readonly.Transport(transport, nil), Timeout: timeout},
	}, nil
}

// request is one call. What describes it in words, for messages.
type request struct {
	what, method string
	path         []string
	query        url.Values
	body         any
}

// do sends a request and decodes the answer into out, where it is not nil. Errors are classified, name what was tried
// and where, and carry what Quay said.
func (c *Client) do(ctx context.Context, r request, out any) error {
	fail := func(err error) error { return fmt.Errorf("quay %s: %s: %w", c.base.Host, r.what, err) }
	target, err := c.target(r)
	if err != nil {
		return fail(err)
	}
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return fail(apierr.New(apierr.Invalid, err))
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return fail(apierr.New(apierr.Invalid, err))
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fail(notSent(err))
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	if err != nil {
		return fail(apierr.New(apierr.Unavailable, err))
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fail(refused(resp, text))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fail(apierr.Errorf(apierr.Unavailable, "the answer is not the JSON that Quay's API sends: %w", err))
	}
	return nil
}

// target builds the URL of a request. A name must not reach another path than its own.
func (c *Client) target(r request) (string, error) {
	escaped := make([]string, len(r.path))
	for i, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return "", apierr.Errorf(apierr.Invalid, "%q is no name of an organisation, team or user: correct it in app-interface", segment)
		}
		escaped[i] = url.PathEscape(segment)
	}
	target := c.base.JoinPath(escaped...)
	target.RawQuery = r.query.Encode()
	return target.String(), nil
}

// notSent classifies a request that got no answer: one that was refused on the way out keeps its kind.
func notSent(err error) error {
	var classified *apierr.Error
	if errors.As(err, &classified) || errors.Is(err, context.Canceled) {
		return err
	}
	return apierr.New(apierr.Unavailable, err)
}
