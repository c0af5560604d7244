// Package jenkinsapi is a thin client of Jenkins' remote access API, for the calls that integrations make.
package jenkinsapi

import (
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
	// mostAnswer bounds an answer. Those that are asked for are a few fields.
	mostAnswer = 8 << 20
)

// Config names one Jenkins and an account of it.
type Config struct {
	// URL is where its front page is; it may have a path.
	URL  string
	User string
	// Password is the account's, or an API token of it.
	Password secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Client talks to one Jenkins as one account. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	user     string
	password secret.Value
	http     *http.Client
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "the url in the token of the Jenkins instance is no http or https URL: correct the secret")
	}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &Client{
		base: base, user: config.User, password: config.Password,
		http: &http.Client{Transport: readonly.Transport(transport, nil), Timeout: timeout},
	}, nil
}

// request is one call. What describes it in words, for messages.
type request struct {
	what, method string
	path         []string
	query        url.Values
	crumb        crumb
}

// do sends a request, decodes the answer into out, where it is not nil, and returns its cookies. Errors are classified and
// name what was tried and where.
func (c *Client) do(ctx context.Context, r request, out any) ([]*http.Cookie, error) {
	fail := func(err error) ([]*http.Cookie, error) {
		return nil, fmt.Errorf("jenkins %s: %s: %w", c.base.Host, r.what, err)
	}
	target, err := c.target(r)
	if err != nil {
		return fail(err)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, http.NoBody)
	if err != nil {
		return fail(apierr.New(apierr.Invalid, err))
	}
	req.SetBasicAuth(c.user, c.password.Reveal())
	r.crumb.show(req)
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
		return fail(refused(resp))
	}
	if out == nil {
		return resp.Cookies(), nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fail(apierr.Errorf(apierr.Unavailable, "the answer is not the JSON that Jenkins sends: %w", err))
	}
	return resp.Cookies(), nil
}

// target builds the URL of a request. A name must not reach another path than its own.
func (c *Client) target(r request) (string, error) {
	escaped := make([]string, len(r.path))
	for i, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return "", apierr.Errorf(apierr.Invalid, "%q is no name of a job: correct it in app-interface", segment)
		}
		escaped[i] = url.PathEscape(segment)
	}
	target := c.base.JoinPath(escaped...)
	target.RawQuery = r.query.Encode()
	return target.String(), nil
}

// job is the path of a job, which may be in folders: its name is then "folder/job/name", as in its URL.
func job(name string, below ...string) []string {
	return append(append([]string{"job"}, strings.Split(name, "/")...), below...)
}

// notSent classifies a request that got no answer: one that was refused on the way out keeps its kind.
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

// refused classifies an answer that is no success. Jenkins' pages for errors say no more than the status to a program.
func refused(resp *http.Response) error {
	text := fmt.Sprintf("%s (%d)", http.StatusText(resp.StatusCode), resp.StatusCode)
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		text += ": renew the token of the Jenkins instance"
	case http.StatusForbidden:
		text += ": give the account in the token of the Jenkins instance the permission for it"
	}
	return apierr.FromResponse(resp, errors.New(text))
}
