package jenkinsapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/BurntSushi/toml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Pool makes clients with accounts that a secret.Reader reads. Its clients share their connections. It is safe for
// concurrent use.
type Pool struct {
	secrets   secret.Reader
	transport http.RoundTripper
}

// NewPool returns a pool that reads its accounts from the given reader.
func NewPool(secrets secret.Reader) *Pool {
	return &Pool{secrets: secrets, transport: http.DefaultTransport}
}

// Connect returns a client of an instance, which has this name in app-interface. Its token is read each time, so that one
// which was renewed counts at once.
func (p *Pool) Connect(ctx context.Context, instance string, token secret.Ref) (*Client, error) {
	if err := inputs.Outside(ctx, "jenkins "+instance); err != nil {
		return nil, err
	}
	text, err := p.secrets.Read(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("token of jenkins %s: %w", instance, err)
	}
	config, err := account(text)
	if err != nil {
		return nil, fmt.Errorf("token %s of jenkins %s: %w", token, instance, err)
	}
	config.Transport = p.transport
	client, err := New(config)
	if err != nil {
		return nil, fmt.Errorf("token %s of jenkins %s: %w", token, instance, err)
	}
	return client, nil
}

// account reads a token: a table in TOML, as the reference keeps it. What its parser says is left out, since it quotes.
func account(text secret.Value) (Config, error) {
	var read struct {
		Jenkins struct{ URL, User, Password string }
	}
	if _, err := toml.Decode(text.Reveal(), &read); err != nil {
		return Config{}, apierr.Errorf(apierr.Invalid, "it is not TOML")
	}
	at := read.Jenkins
	if at.URL == "" || at.User == "" || at.Password == "" {
		return Config{}, apierr.Errorf(apierr.Invalid, "it needs url, user and password in a table [jenkins]")
	}
	return Config{URL: at.URL, User: at.User, Password: secret.New(at.Password)}, nil
}
