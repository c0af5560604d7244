// Package vaultapi reads and writes secrets of HashiCorp Vault's key-value engines, versions 1 and 2. The first segment
// of a secret's path is its mount. One Client has one login, shared by all that use it; nothing runs in the background.
package vaultapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// timeout is the deadline of one exchange with Vault, a login before it apart.
const timeout = 30 * time.Second

// Config names one Vault and how to log in to it.
type Config struct {
	// Address is its URL. Certificates and proxies are configured in the environment, as of every tool for Vault:
	// VAULT_CACERT, VAULT_CLIENT_CERT and so on. VAULT_ADDR, VAULT_TOKEN and VAULT_NAMESPACE are not used.
	Address string
	Login   Login
	// Timeout replaces how long one exchange may take; zero is 30 seconds.
	Timeout time.Duration
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Client is one login at one Vault. It connects when it is first used, and is safe for concurrent use. Errors are
// classified (apierr), are one of the Err values of this package, and name path, field and version, never a value.
type Client struct {
	host    string
	session *session
	mounts  mounts
	cache   cache
	idle    func()
}

// New checks the configuration. It does not connect.
func New(c Config) (*Client, error) {
	address, err := url.Parse(c.Address)
	if err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "vault address %q is not an http or https URL: correct it", c.Address)
	}
	config := api.DefaultConfig()
	if config.Error != nil {
		return nil, apierr.Errorf(apierr.Invalid, "vault %s: the VAULT_ variables of the environment cannot be used: %w", address.Host, config.Error)
	}
	// Whoever calls tries again, knowing what must not be sent twice.
	config.Address, config.AgentAddress, config.MaxRetries, config.Timeout = c.Address, "", 0, cmp.Or(c.Timeout, timeout)
	base := config.HttpClient.Transport
	logins := strings.TrimSuffix(address.Path, "/") + "/v1/auth/"
	config.HttpClient.Transport = readonly.Transport(noteDelay(base), func(req *http.Request) bool {
		return strings.HasPrefix(req.URL.Path, logins)
	})
	now := c.Now
	if now == nil {
		now = time.Now
	}
	client := &Client{
		host:    address.Host,
		session: &session{host: address.Host, login: c.Login, now: now, connect: func() (*api.Client, error) { return connect(config) }},
		cache:   newCache(now),
		mounts:  newMounts(),
		idle:    func() {},
	}
	if pooled, ok := base.(*http.Transport); ok {
		client.idle = pooled.CloseIdleConnections
	}
	return client, nil
}

// connect returns a client of the library without a token.
func connect(config *api.Config) (*api.Client, error) {
	client, err := api.NewClient(config)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	client.ClearToken()
	client.ClearNamespace()
	return client, nil
}

// Close ends the connections and refuses further calls. The token ends by itself.
func (c *Client) Close() {
	c.session.close()
	c.idle()
}

// call runs one exchange, logged in. When it is forbidden because the token has ended early, it logs in again and
// repeats it once.
func (c *Client) call(ctx context.Context, exchange func(context.Context, *api.Logical) (*api.Secret, error)) (*api.Secret, error) {
	for again := false; ; again = true {
		held, err := c.session.hold(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := once(ctx, held.client, exchange)
		if again || !isStatus(err, http.StatusForbidden) {
			return answer, err
		}
		// Vault answers alike to a token that has ended and to one that may not do this. Only the former may not even
		// look at itself.
		_, self := once(ctx, held.client, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
			return logical.ReadWithContext(ctx, "auth/token/lookup-self")
		})
		switch {
		case self == nil:
			return nil, err
		case !isStatus(self, http.StatusForbidden):
			return nil, self
		}
		c.session.drop(held)
	}
}

// once runs an exchange, under the deadline that the library has. A delay that Vault asks for is in the error.
func once(ctx context.Context, client *api.Client, exchange func(context.Context, *api.Logical) (*api.Secret, error)) (*api.Secret, error) {
	ctx, delay := withDelay(ctx)
	answer, err := exchange(ctx, client.Logical())
	if isStatus(err, http.StatusTooManyRequests) {
		return nil, apierr.Throttled(*delay, err)
	}
	return answer, err
}

func isStatus(err error, status int) bool {
	var refused *api.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == status
}

// split returns mount and rest of a secret's path. A path must not lead anywhere but to what it names.
func split(path string) (mount, rest string, err error) {
	for _, segment := range strings.Split(strings.TrimSuffix(path, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", "", apierr.Errorf(apierr.Invalid, "%q is no path of a secret: write mount and name with single slashes between them", path)
		}
	}
	mount, rest, _ = strings.Cut(path, "/")
	return mount, rest, nil
}
