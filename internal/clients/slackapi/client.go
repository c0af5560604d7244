// Package slackapi is a client of Slack's Web API on slack-go, for what integrations and notifications do there: messages,
// users, channels and usergroups. Methods are safe to repeat, but that a message which is posted again stands there twice.
package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Config names one workspace and the credentials for it.
type Config struct {
	// Workspace is the workspace's name, for messages.
	Workspace string
	// URL is where the API is; empty is Slack itself.
	URL string
	// Token is that of an app in the workspace. Slack finds the workspace by it.
	Token  secret.Value
	Limits Limits
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Limits are how patient a client is. The zero value is the defaults.
type Limits struct {
	// Timeout is the deadline of one request; zero is 30 seconds.
	Timeout time.Duration
	// Retries is how often a request is sent again after an answer of 500 and above; nil is five times.
	Retries *int
	// Pages are the sizes of the pages of lists, by the method that lists; Slack takes up to 1000.
	Pages map[string]int
}

const (
	defaultURL     = "https://slack.com/api/"
	defaultTimeout = 30 * time.Second
	defaultRetries = 5
	// defaultPage is what Slack recommends.
	defaultPage = 200
)

// The methods that list in pages.
const (
	listUsers    = "users.list"
	listChannels = "conversations.list"
	readChannel  = "conversations.history"
)

// Client talks to one workspace with one token. It is safe for concurrent use.
type Client struct {
	workspace string
	api       *slack.Client
	pages     map[string]int
	directory *directory
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base := config.URL
	if base == "" {
		base = defaultURL
	}
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "the URL of Slack's API %q is no http or https URL", base)
	}
	c := &Client{workspace: config.Workspace, pages: config.Limits.Pages, directory: newDirectory()}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	c.api = slack.New(config.Token.Reveal(),
		slack.OptionAPIURL(strings.TrimSuffix(parsed.String(), "/")+"/"),
		slack.OptionHTTPClient(&http.Client{Transport: readonly.Transport(newEdge(transport, config.Limits), isRead)}))
	return c, nil
}

// isRead says whether a request calls a method that changes nothing. Slack takes all of them by POST.
func isRead(r *http.Request) bool {
	return slices.ContainsFunc([]string{
		listUsers, listChannels, readChannel, "users.lookupByEmail", "usergroups.list",
	}, func(method string) bool { return strings.HasSuffix(r.URL.Path, "/"+method) })
}

// fail names the workspace and what was tried. The URL of the request, which the HTTP client puts in front, says no more.
func (c *Client) fail(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	var sending *url.Error
	if errors.As(err, &sending) {
		err = sending.Err
	}
	return fmt.Errorf("slack %s: %s: %w", c.workspace, fmt.Sprintf(format, args...), classify(err))
}

// classify leaves what was refused, on the way out or by Slack, as it is. Else there was no answer, or a strange one.
func classify(err error) error {
	var classified *apierr.Error
	if errors.As(err, &classified) || errors.Is(err, context.Canceled) {
		return err
	}
	return apierr.New(apierr.Unavailable, err)
}

func (c *Client) page(method string) int {
	if size := c.pages[method]; size > 0 {
		return size
	}
	return defaultPage
}
