// Package gitlabapi makes the calls to GitLab that merge requests and deployments need, on GitLab's own client library. It adds what
// the library leaves to its callers: one deadline for each request, lists read to their end, errors that are classified
// and name the project and the object, and no write outside apply. The library's own retries and rate limits are off,
// since Temporal tries again and the task queue limits the rate. Methods are safe to repeat where they say so.
package gitlabapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
	"golang.org/x/time/rate"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Config names one GitLab and the credentials for it.
type Config struct {
	// URL is the instance's url in app-interface, such as https://gitlab.example.com.
	URL string
	// Token is a personal, group or project access token.
	Token secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Client talks to one GitLab with one token. It is safe for concurrent use.
type Client struct {
	base *url.URL
	api  *gitlab.Client
	// kept is what was read at commits, under keys that begin with space.
	kept  *memo.Cache
	space string
}

// mostKeptOfCommits bounds what is kept of commits, in bytes.
const mostKeptOfCommits = 64 << 20

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "gitlab instance URL %q is no http or https URL: correct the url of the instance in app-interface", config.URL)
	}
	next := config.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	api, err := gitlab.NewClient(config.Token.Reveal(),
		gitlab.WithBaseURL(config.URL),
		gitlab.WithHTTPClient(&http.Client{Transport: transport{readonly.Transport(next, nil)}, CheckRedirect: stay}),
		gitlab.WithoutRetries(),
		gitlab.WithCustomLimiter(rate.NewLimiter(rate.Inf, 0)),
		gitlab.WithURLWarningLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "gitlab instance URL %q: %w", config.URL, err)
	}
	return &Client{base: base, api: api, kept: memo.New(mostKeptOfCommits)}, nil
}

// stay follows no redirect to another host, which would get the token, and none of a write, which would become a read.
func stay(next *http.Request, via []*http.Request) error {
	first := via[0]
	if next.URL.Host != first.URL.Host || first.Method != http.MethodGet || len(via) > 3 {
		return http.ErrUseLastResponse
	}
	return nil
}

// User is an account.
type User struct {
	ID       int64
	Username string
}

// CurrentUser returns the account that the token belongs to.
func (c *Client) CurrentUser(ctx context.Context) (User, error) {
	user, resp, err := c.api.Users.CurrentUser(gitlab.WithContext(ctx))
	if err != nil {
		return User{}, c.failed("find out whose the token is", resp, err)
	}
	return User{ID: user.ID, Username: user.Username}, nil
}
