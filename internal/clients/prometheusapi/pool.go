package prometheusapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// defaultPath is where the query API of Prometheus itself is.
const defaultPath = "api/v1/query"

// Instance is a server as app-interface describes it.
type Instance struct {
	Name, URL string
	// Path is that of the query API below the URL; empty is Prometheus' own.
	//
	// Differs from the reference: there an instance without queryPath is asked at a path that is none.
	Path string
	// Token is a bearer token. Without it access tokens are got by OpenID Connect's client credentials.
	Token *secret.Ref
	OIDC  OIDC
}

// OIDC are client credentials.
type OIDC struct {
	ClientID, TokenURL string
	ClientSecret       secret.Ref
}

// Pool makes clients with credentials that a secret.Reader reads. Its clients share their connections. It is safe for
// concurrent use.
type Pool struct {
	secrets   secret.Reader
	transport http.RoundTripper
}

// NewPool returns a pool that reads its credentials from the given reader.
func NewPool(secrets secret.Reader) *Pool {
	return &Pool{secrets: secrets, transport: http.DefaultTransport}
}

// Connect returns a client of an instance. Its credentials are read each time, so that one which was renewed counts at
// once.
func (p *Pool) Connect(ctx context.Context, of Instance) (*Client, error) {
	if err := inputs.Outside(ctx, "prometheus "+of.Name); err != nil {
		return nil, err
	}
	token, err := p.login(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("credentials of prometheus %s: %w", of.Name, err)
	}
	client, err := newClient(of.URL, cmp.Or(of.Path, defaultPath), token, p.transport)
	if err != nil {
		return nil, fmt.Errorf("prometheus %s: %w", of.Name, err)
	}
	return client, nil
}

func (p *Pool) login(ctx context.Context, of Instance) (func(context.Context) (string, error), error) {
	if of.Token != nil {
		token, err := p.secrets.Read(ctx, *of.Token)
		return func(context.Context) (string, error) { return token.Reveal(), nil }, err
	}
	clientSecret, err := p.secrets.Read(ctx, of.OIDC.ClientSecret)
	if err != nil {
		return nil, err
	}
	config := clientcredentials.Config{
		ClientID: of.OIDC.ClientID, ClientSecret: clientSecret.Reveal(), TokenURL: of.OIDC.TokenURL, AuthStyle: oauth2.AuthStyleInParams,
	}
	// A token changes nothing, so that it is got outside the guard against writes.
	client := &http.Client{Transport: p.transport, Timeout: timeout}
	return func(ctx context.Context) (string, error) {
		token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return "", refused(err, of.OIDC)
		}
		return token.AccessToken, nil
	}, nil
}

// refused classifies a login without a token. What the server wrote besides its error code is left out: nobody knows what
// it quotes.
func refused(err error, at OIDC) error {
	var retrieve *oauth2.RetrieveError
	if !errors.As(err, &retrieve) || retrieve.Response == nil {
		return fmt.Errorf("get an access token from %s: %w", at.TokenURL, notSent(err))
	}
	status := retrieve.Response.StatusCode
	// RFC 6749, 5.2: an unknown client or a wrong secret is a 400 or a 401.
	if status == http.StatusBadRequest || status == http.StatusUnauthorized {
		return apierr.Errorf(apierr.Denied, "get an access token from %s: %s (%d): renew the accessTokenClientSecret of %s",
			at.TokenURL, retrieve.ErrorCode, status, at.ClientID)
	}
	return apierr.FromResponse(retrieve.Response, fmt.Errorf("get an access token from %s: %s (%d)", at.TokenURL, http.StatusText(status), status))
}
