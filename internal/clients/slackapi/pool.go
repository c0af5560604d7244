package slackapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// EnvURL is the environment variable of a worker that leads it to another API than Slack's own, such as a stand-in.
const EnvURL = "QONTRACT_SLACK_URL"

// FromEnvironment leads to where the environment says.
func FromEnvironment(getenv func(string) string) Options {
	return Options{Endpoint: func() (string, error) { return getenv(EnvURL), nil }}
}

// Options say how to reach Slack. The zero value is Slack itself.
type Options struct {
	// Endpoint returns the URL of the API. Each Connect asks it.
	Endpoint func() (string, error)
}

// Pool makes clients with tokens that a secret.Reader reads. Those of one workspace and token share what they remember of
// it. It is safe for concurrent use.
type Pool struct {
	secrets   secret.Reader
	options   Options
	transport http.RoundTripper

	mu          sync.Mutex
	directories map[place]*directory
}

// place is what a directory is of.
type place struct {
	url   string
	token [sha256.Size]byte
}

// NewPool returns a pool that reads its tokens from the given reader.
func NewPool(secrets secret.Reader, options Options) *Pool {
	return &Pool{secrets: secrets, options: options, transport: http.DefaultTransport, directories: map[place]*directory{}}
}

// Connect returns a client of the workspace with the token that ref names: the workspace's own, or that of one of its
// integrations. The token is read each time, so that one which was renewed counts at once.
func (p *Pool) Connect(ctx context.Context, w Workspace, ref secret.Ref) (*Client, error) {
	if err := inputs.Outside(ctx, "slack "+w.Name); err != nil {
		return nil, err
	}
	config := Config{Workspace: w.Name, Limits: w.Limits, Transport: p.transport}
	var err error
	if p.options.Endpoint != nil {
		if config.URL, err = p.options.Endpoint(); err != nil {
			return nil, fmt.Errorf("slack %s: %w", w.Name, err)
		}
	}
	if config.Token, err = p.secrets.Read(ctx, ref); err != nil {
		return nil, fmt.Errorf("token for slack %s: %w", w.Name, err)
	}
	client, err := New(config)
	if err != nil {
		return nil, err
	}
	client.directory = p.directory(place{config.URL, sha256.Sum256([]byte(config.Token.Reveal()))})
	return client, nil
}

func (p *Pool) directory(at place) *directory {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.directories[at] == nil {
		p.directories[at] = newDirectory()
	}
	return p.directories[at]
}
