package ocmapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Access says where an OCM is and who asks it, as app-interface does.
type Access struct {
	URL, TokenURL, ClientID string
	ClientSecret            secret.Ref
}

// Own are the credentials that an OCM organisation has in place of those of its environment. Empty fields are the
// environment's.
type Own struct {
	ClientID, TokenURL string
	ClientSecret       *secret.Ref
}

// AccessOf is the access to an environment with the credentials of one of its organisations.
func AccessOf(environment appinterface.OCMEnvironment, own Own) Access {
	a := Access{
		URL: environment.URL, TokenURL: environment.AccessTokenURL, ClientID: environment.AccessTokenClientID,
		ClientSecret: environment.AccessTokenClientSecret,
	}
	if own.ClientID != "" {
		a.ClientID = own.ClientID
	}
	if own.TokenURL != "" {
		a.TokenURL = own.TokenURL
	}
	if own.ClientSecret != nil {
		a.ClientSecret = *own.ClientSecret
	}
	return a
}

// Pool keeps a client for each OCM and service account, so that its access token serves every step of a worker. It is
// safe for concurrent use.
type Pool struct {
	secrets   secret.Reader
	transport http.RoundTripper

	mu      sync.Mutex
	clients map[place]*Client
}

// place is what a client is for.
type place struct {
	url, tokenURL, clientID string
	secret                  [sha256.Size]byte
}

// NewPool returns a pool that reads its secrets from the given reader.
func NewPool(secrets secret.Reader) *Pool {
	return &Pool{secrets: secrets, transport: http.DefaultTransport, clients: map[place]*Client{}}
}

// Connect returns a client. The secret is read each time, so that one which was renewed counts at once.
func (p *Pool) Connect(ctx context.Context, access Access) (*Client, error) {
	if err := inputs.Outside(ctx, "ocm "+access.URL); err != nil {
		return nil, err
	}
	clientSecret, err := p.secrets.Read(ctx, access.ClientSecret)
	if err != nil {
		return nil, fmt.Errorf("accessTokenClientSecret for ocm %s: %w", access.URL, err)
	}
	at := place{access.URL, access.TokenURL, access.ClientID, sha256.Sum256([]byte(clientSecret.Reveal()))}
	p.mu.Lock()
	defer p.mu.Unlock()
	if client := p.clients[at]; client != nil {
		return client, nil
	}
	client, err := New(Config{
		URL: access.URL, TokenURL: access.TokenURL, ClientID: access.ClientID, ClientSecret: clientSecret, Transport: p.transport,
	})
	if err != nil {
		return nil, err
	}
	p.clients[at] = client
	return client, nil
}
