package quayapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Pool makes clients with tokens that a secret.Reader reads. Its clients share their connections. It is safe for
// concurrent use.
type Pool struct {
	secrets   secret.Reader
	transport http.RoundTripper
}

// NewPool returns a pool that reads its tokens from the given reader.
func NewPool(secrets secret.Reader) *Pool {
	return &Pool{secrets: secrets, transport: http.DefaultTransport}
}

// Connect returns a client of the instance with the given URL, with the token that ref names. The token is read each
// time, so that one which was renewed counts at once.
func (p *Pool) Connect(ctx context.Context, url string, ref secret.Ref) (*Client, error) {
	if err := inputs.Outside(ctx, "quay "+url); err != nil {
		return nil, err
	}
	token, err := p.secrets.Read(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("token for quay %s: %w", url, err)
	}
	return New(Config{URL: url, Token: token, Transport: p.transport})
}
