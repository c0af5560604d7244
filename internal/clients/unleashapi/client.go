// Package unleashapi answers feature toggles of Unleash. What a toggle means (strategies, constraints, segments,
// dependencies) is decided by Unleash's own Go library; asking the server is ours, because the library asks on its own
// clock, without a context, and says nowhere that its answers are old.
package unleashapi

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The environment variables of the configuration, which are the reference's.
const (
	EnvURL   = "UNLEASH_API_URL"
	EnvToken = "UNLEASH_CLIENT_ACCESS_TOKEN"
)

const (
	// freshFor is how long an answer serves all that ask, so that a run of many clusters asks once.
	freshFor = time.Second
	// timeout bounds how long an Unleash that hangs keeps a run waiting.
	timeout = 5 * time.Second
)

// Config says where Unleash is. The zero value stands for none.
type Config struct {
	// URL is the address of the API, such as https://unleash.example/api.
	URL string
	// Token is a client token, which chooses the environment and the projects.
	Token secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// FromEnvironment reads the configuration.
//
// Differs from the reference: one variable without the other is an error. The reference then takes every toggle for on.
func FromEnvironment(getenv func(string) string) (Config, error) {
	address, token := getenv(EnvURL), getenv(EnvToken)
	if (address == "") != (token == "") {
		return Config{}, apierr.Errorf(apierr.Invalid, "one of %s and %s is set: set both to ask Unleash for toggles, or none", EnvURL, EnvToken)
	}
	return Config{URL: address, Token: secret.New(token)}, nil
}

// Client answers toggles. It keeps what Unleash last said, so that one which does not answer changes nothing. It is safe
// for concurrent use. The zero value knows no Unleash.
type Client struct {
	// endpoint is nil where no Unleash is configured.
	endpoint *url.URL
	token    secret.Value
	http     *http.Client
	now      func() time.Time
	flights  singleflight.Group

	mu sync.RWMutex
	// known is nil until Unleash has answered, and after Close.
	known *toggles
	etag  string
	asked time.Time
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	if config.URL == "" {
		return &Client{}, nil
	}
	base, err := url.Parse(config.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "%s is not an http or https URL: set it to the address of Unleash's API, such as https://unleash.example/api", EnvURL)
	}
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &Client{
		endpoint: base.JoinPath("client", "features"), token: config.Token, now: time.Now,
		http: &http.Client{Transport: readonly.Transport(transport, nil), Timeout: timeout},
	}, nil
}

// Enabled says whether a toggle is on. Fallback is the answer where no Unleash is configured, where it has never
// answered, and where it does not know the toggle. It never fails: what keeps Unleash from answering is logged, and
// what it last said counts. While what app-interface says is recorded for a comparison nothing is asked, and fallback
// is the answer.
//
// Differs from the reference: without a configuration the caller's fallback counts. The reference takes every toggle
// for on then, also those whose callers want them off.
func (c *Client) Enabled(ctx context.Context, toggle string, fallback bool) bool {
	return c.enabled(ctx, toggle, nil, fallback)
}

// EnabledInCluster is Enabled for one cluster, by which the strategies enableCluster and disableCluster decide.
func (c *Client) EnabledInCluster(ctx context.Context, toggle, cluster string, fallback bool) bool {
	return c.enabled(ctx, toggle, map[string]string{clusterProperty: cluster}, fallback)
}

func (c *Client) enabled(ctx context.Context, toggle string, properties map[string]string, fallback bool) bool {
	if c.endpoint == nil || inputs.Outside(ctx, "the toggle "+toggle) != nil {
		return fallback
	}
	c.refresh(ctx)
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.known == nil {
		return fallback
	}
	return c.known.enabled(toggle, properties, fallback)
}

// refresh asks Unleash where its last answer is old. Callers that come meanwhile wait for the same answer.
func (c *Client) refresh(ctx context.Context) {
	c.mu.RLock()
	fresh := c.now().Sub(c.asked) < freshFor
	c.mu.RUnlock()
	if fresh {
		return
	}
	// The request outlives the caller that began it, because others may wait for it; it has a time limit of its own.
	shared := context.WithoutCancel(ctx)
	flight := c.flights.DoChan("", func() (any, error) {
		c.update(shared)
		return nil, nil
	})
	select {
	case <-ctx.Done():
	case <-flight:
	}
}

// update takes over what Unleash says.
func (c *Client) update(ctx context.Context) {
	c.mu.RLock()
	etag := c.etag
	c.mu.RUnlock()
	answer, err := c.fetch(ctx, etag)
	var fresh *toggles
	if err == nil && answer.body != nil {
		fresh, err = newToggles(answer.body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = c.now()
	if err != nil {
		kept := "toggles stay as last known"
		if c.known == nil {
			kept = "toggles have the values that their users default to"
		}
		logging.From(ctx).Warn("Unleash does not answer: "+kept, "error", err)
		return
	}
	if fresh != nil {
		c.known.close()
		c.known, c.etag = fresh, answer.etag
	}
}

// Close forgets what is known and ends what runs for it. Toggles then have their callers' fallbacks, or are asked anew.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known.close()
	c.known, c.etag, c.asked = nil, "", time.Time{}
}
