package githubapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// EnvURL is the environment variable that leads to another API than GitHub's own, such as a cache in front of it. It is
// the reference's.
const EnvURL = "GITHUB_API"

// FromEnvironment leads to where the environment says.
func FromEnvironment(getenv func(string) string) Options {
	return Options{Endpoint: func() (string, error) { return getenv(EnvURL), nil }}
}

// Options say how to reach GitHub. The zero value is GitHub itself.
type Options struct {
	// Endpoint returns the URL of the API. Each Connect asks it.
	Endpoint func() (string, error)
}

// Pool makes clients with tokens that a secret.Reader reads: one for each token, which remembers what it has read and how
// much of its rate limit is left. It is safe for concurrent use.
type Pool struct {
	secrets   secret.Reader
	options   Options
	transport http.RoundTripper
	// kept is what clients have read at commits.
	kept *memo.Cache

	mu      sync.Mutex
	clients map[place]*Client
}

// place is what a client is of.
type place struct {
	url   string
	token [sha256.Size]byte
}

// NewPool returns a pool that reads its tokens from the given reader.
func NewPool(secrets secret.Reader, options Options) *Pool {
	return &Pool{secrets: secrets, options: options, transport: http.DefaultTransport, clients: map[place]*Client{}, kept: memo.New(mostKeptOfCommits)}
}

// Connect returns the client of an organisation's token. The token is read each time, so that one which was renewed counts
// at once.
func (p *Pool) Connect(ctx context.Context, o Organisation) (*Client, error) {
	if err := inputs.Outside(ctx, "github "+o.Name); err != nil {
		return nil, err
	}
	config := Config{Transport: p.transport}
	var err error
	if p.options.Endpoint != nil {
		if config.URL, err = p.options.Endpoint(); err != nil {
			return nil, fmt.Errorf("github %s: %w", o.Name, err)
		}
	}
	if config.Token, err = p.secrets.Read(ctx, o.Token); err != nil {
		return nil, fmt.Errorf("token for github %s: %w", o.Name, err)
	}
	at := place{config.URL, sha256.Sum256([]byte(config.Token.Reveal()))}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := p.clients[at]; found != nil {
		return found, nil
	}
	made, err := New(config)
	if err != nil {
		return nil, err
	}
	// What one token may read, another may not.
	made.kept, made.space = p.kept, fmt.Sprintf("%s %x", at.url, at.token)
	p.clients[at] = made
	return made, nil
}
