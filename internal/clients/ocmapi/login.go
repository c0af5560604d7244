package ocmapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// login gets access tokens by the client credentials grant (RFC 6749, 4.4), one request at a time, and keeps the latest.
type login struct {
	config clientcredentials.Config
	http   *http.Client
	// turn is held while the token is looked at.
	turn    chan struct{}
	current *oauth2.Token
}

// newLogin gets tokens outside the guard against writes: a token changes nothing.
func newLogin(config Config, transport http.RoundTripper) *login {
	return &login{
		config: clientcredentials.Config{
			ClientID: config.ClientID, ClientSecret: config.ClientSecret.Reveal(), TokenURL: config.TokenURL, AuthStyle: oauth2.AuthStyleInParams,
		},
		http: &http.Client{Transport: transport, Timeout: timeout},
		turn: make(chan struct{}, 1),
	}
}

// token returns one that is valid for some seconds at least.
func (l *login) token(ctx context.Context) (*oauth2.Token, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case l.turn <- struct{}{}:
	}
	defer func() { <-l.turn }()
	if l.current.Valid() {
		return l.current, nil
	}
	token, err := l.config.Token(context.WithValue(ctx, oauth2.HTTPClient, l.http))
	if err != nil {
		return nil, l.failed(err)
	}
	l.current = token
	return token, nil
}

// AccessToken logs in, and returns a token for programs that talk to this OCM as the service account. It is valid for some
// minutes.
func (c *Client) AccessToken(ctx context.Context) (secret.Value, error) {
	token, err := c.login.token(ctx)
	if err != nil {
		return secret.Value{}, fmt.Errorf("ocm %s: %w", c.base.Host, err)
	}
	if time.Until(token.Expiry) < lastsFor {
		c.login.forget(token)
		if token, err = c.login.token(ctx); err != nil {
			return secret.Value{}, fmt.Errorf("ocm %s: %w", c.base.Host, err)
		}
	}
	return secret.New(token.AccessToken), nil
}

// lastsFor is for how long a token that is given away is valid at least, where OCM's last that long.
const lastsFor = 10 * time.Minute

// forget makes the next request log in anew, unless another one has done so meanwhile.
func (l *login) forget(token *oauth2.Token) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.current == token {
		l.current = nil
	}
}

// failed classifies a login without a token. What the server wrote besides its error code is left out: nobody knows what
// it quotes.
func (l *login) failed(err error) error {
	var retrieve *oauth2.RetrieveError
	if !errors.As(err, &retrieve) || retrieve.Response == nil {
		return fmt.Errorf("get an access token from %s: %w", l.config.TokenURL, notSent(err))
	}
	status := retrieve.Response.StatusCode
	said := fmt.Errorf("get an access token from %s: %s (%d)", l.config.TokenURL, http.StatusText(status), status)
	if retrieve.ErrorCode != "" {
		said = fmt.Errorf("%w: %s", said, retrieve.ErrorCode)
	}
	// RFC 6749, 5.2: an unknown client or a wrong secret is a 400 or a 401.
	if status == http.StatusBadRequest || status == http.StatusUnauthorized {
		return apierr.Errorf(apierr.Denied, "%w: renew the accessTokenClientSecret of %s", said, l.config.ClientID)
	}
	return apierr.FromResponse(retrieve.Response, said)
}
