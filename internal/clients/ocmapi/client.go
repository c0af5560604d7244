// Package ocmapi is a thin client of OpenShift Cluster Manager's REST API: clusters, their upgrades and add-ons
// (clusters_mgmt, addons_mgmt), subscriptions, organisations and labels (accounts_mgmt), and service logs.
//
// Lists are read whole: a list that changes while its pages are read is Unavailable, so that nobody takes a part of it
// for the whole. Methods that write are safe to repeat where their documentation does not say otherwise.
package ocmapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	// timeout is the deadline of one request.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer. A page of clusters is a few hundred KiB.
	mostAnswer = 64 << 20

	clustersMgmt = "/api/clusters_mgmt/v1"
	accountsMgmt = "/api/accounts_mgmt/v1"
	serviceLogs  = "/api/service_logs/v1"
)

// Config names one OCM and the service account for it.
type Config struct {
	// URL is the environment's, such as https://api.openshift.com.
	URL string
	// TokenURL is where the service account gets its access tokens.
	TokenURL     string
	ClientID     string
	ClientSecret secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Client talks to one OCM as one service account. It keeps its access token until that expires or is refused. It is safe
// for concurrent use.
type Client struct {
	base  *url.URL
	login *login
	http  *http.Client
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base, err := parse(config.URL, "url")
	if err != nil {
		return nil, err
	}
	if _, err := parse(config.TokenURL, "accessTokenUrl"); err != nil {
		return nil, err
	}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &Client{
		base: base, login: newLogin(config, transport),
		http: &http.Client{Transport: readonly.Transport(transport, isDryRun), Timeout: timeout},
	}, nil
}

func parse(address, field string) (*url.URL, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "the %s %q of the OCM environment is no http or https URL: correct it in app-interface", field, address)
	}
	return parsed, nil
}

// request is one call. What describes it in words, for messages.
type request struct {
	what, method string
	// path begins with the API, such as /api/clusters_mgmt/v1; segments are put behind it, escaped.
	path     string
	segments []string
	query    url.Values
	body     any
	// date is told when the server answered, by the server's clock.
	date *string
}

// do sends a request and decodes the answer into out, where it is not nil. Errors are classified, name what was tried and
// where, and carry what OCM said. Where the access token is refused a fresh one is tried, once.
func (c *Client) do(ctx context.Context, r request, out any) error {
	fail := func(err error) error { return fmt.Errorf("ocm %s: %s: %w", c.base.Host, r.what, err) }
	target, err := c.target(r)
	if err != nil {
		return fail(err)
	}
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return fail(apierr.New(apierr.Invalid, err))
		}
	}
	text, err := c.send(ctx, r, target, body)
	if refusedToken(err) {
		text, err = c.send(ctx, r, target, body)
	}
	if err != nil {
		return fail(err)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fail(apierr.Errorf(apierr.Unavailable, "the answer is not the JSON that OCM sends: %w", err))
	}
	return nil
}

// send sends one attempt, and forgets an access token that is refused.
func (c *Client) send(ctx context.Context, r request, target string, body []byte) ([]byte, error) {
	token, err := c.login.token(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	count(ctx, r.method, c.login.config.ClientID)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, notSent(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	if err != nil {
		return nil, apierr.New(apierr.Unavailable, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		err = refused(resp, text)
		if refusedToken(err) {
			c.login.forget(token)
		}
		return nil, err
	}
	if r.date != nil {
		*r.date = resp.Header.Get("Date")
	}
	return text, nil
}

// target builds the URL of a request. An ID must not reach another path than its own.
func (c *Client) target(r request) (string, error) {
	escaped := []string{r.path}
	for _, segment := range r.segments {
		if segment == "" || segment == "." || segment == ".." {
			return "", apierr.Errorf(apierr.Invalid, "%q is no ID: correct it in app-interface", segment)
		}
		escaped = append(escaped, url.PathEscape(segment))
	}
	target := c.base.JoinPath(escaped...)
	target.RawQuery = r.query.Encode()
	return target.String(), nil
}

// notSent classifies a request that got no answer: one that was refused on the way out keeps its kind. The URL, which
// the HTTP client puts in front, says no more.
func notSent(err error) error {
	var classified *apierr.Error
	if errors.As(err, &classified) || errors.Is(err, context.Canceled) {
		return err
	}
	var sending *url.Error
	if errors.As(err, &sending) {
		err = sending.Err
	}
	return apierr.New(apierr.Unavailable, err)
}

// of returns the path of something below a cluster.
func of(cluster string, below ...string) []string {
	return append([]string{"clusters", cluster}, below...)
}
