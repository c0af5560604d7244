// Package appinterface is the way to app-interface: it pins the bundle of data that a run works on, answers the
// typed queries of the integrations from that bundle and no other, and hands out resources. Answers of a pinned
// bundle never change, so a worker fetches each of them once and all its activities share it.
package appinterface

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// defaultCacheBytes bounds the answers that a worker keeps when its Config names no bound.
const defaultCacheBytes = 256 << 20

// Config says where app-interface is served and how much of it to keep.
type Config struct {
	// URL is the address of the unpinned GraphQL endpoint, normally ending in /graphql. The other endpoints are
	// found on the same server under their own paths.
	URL string
	// Token is sent unchanged as the Authorization header; empty sends none.
	Token secret.Value
	// HTTP sends the requests; nil is a client with short connection timeouts. The client sets the deadline of
	// each request itself.
	HTTP *http.Client
	// CacheBytes bounds the answers kept in memory; zero is 256 MiB.
	CacheBytes int64
	// Frozen makes a query fail once somebody has changed its answer, which all who ask it share. Rehearsals and tests
	// set it; each query then costs as much as decoding it.
	Frozen bool
	// FirstRetry replaces the pause before the first retry of a request.
	FirstRetry time.Duration
}

// Client talks to one app-interface server. It is safe for concurrent use; a worker needs one.
type Client struct {
	base    *url.URL
	token   secret.Value
	http    *http.Client
	answers *cache
	frozen  bool
	// firstBackoff is the pause before the first retry.
	firstBackoff time.Duration
	flights      singleflight.Group
	shapes       shapes
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.URL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface URL %q is not an http or https URL: correct server in the [graphql] table of config.toml", redacted(config.URL, base))
	}
	client := &Client{base: base, token: config.Token, http: config.HTTP, frozen: config.Frozen, firstBackoff: cmp.Or(config.FirstRetry, firstBackoff)}
	if client.http == nil {
		client.http = &http.Client{Transport: transport()}
	}
	bytes := config.CacheBytes
	if bytes == 0 {
		bytes = defaultCacheBytes
	}
	client.answers = newCache(bytes)
	return client, nil
}

// For returns the handle through which one activity of an integration queries the bundle with the given sha. An
// empty sha queries whatever bundle the server has at that moment. With validate, app-interface must know the
// integration, and a query that touches a schema not on the integration's list is refused.
func (c *Client) For(integration, sha string, validate bool) *Session {
	return &Session{client: c, integration: integration, sha: sha, validate: validate, schemas: map[string]struct{}{}}
}

// endpoint is the URL of a path on the server, as messages and requests use it.
func (c *Client) endpoint(segments ...string) string {
	u := *c.base
	u.Path, u.RawPath = "/", ""
	return u.JoinPath(segments...).String()
}

// transport gives up on a server that cannot be reached within seconds, so that an unreachable app-interface is
// reported long before the deadline of a slow query would end it.
func transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 4 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 4 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
	}
}

// redacted hides a password that somebody wrote into the URL.
func redacted(text string, parsed *url.URL) string {
	if parsed == nil {
		return "(unreadable)"
	}
	if parsed.User == nil {
		return text
	}
	return parsed.Redacted()
}
