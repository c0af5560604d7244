package gitlabapi

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Instance is a GitLab as app-interface describes it (GitlabInstance_v1).
type Instance struct {
	URL   string
	Token secret.Ref
	// SSLVerify is sslVerify; nil verifies.
	SSLVerify *bool
}

// Pool makes clients with tokens that a secret.Reader reads. Its clients share their connections and what they have read at
// commits. It is safe for
// concurrent use.
type Pool struct {
	secrets            secret.Reader
	verified, insecure http.RoundTripper
	// kept is what clients have read at commits.
	kept *memo.Cache
}

// NewPool returns a pool that reads its tokens from the given reader.
func NewPool(secrets secret.Reader) *Pool {
	insecure := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		insecure = standard.Clone()
	}
	insecure.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	return &Pool{secrets: secrets, verified: http.DefaultTransport, insecure: insecure, kept: memo.New(mostKeptOfCommits)}
}

// Connect returns a client of the instance. The token is read each time, so that one which was renewed counts at once.
func (p *Pool) Connect(ctx context.Context, instance Instance) (*Client, error) {
	if err := inputs.Outside(ctx, "gitlab "+instance.URL); err != nil {
		return nil, err
	}
	token, err := p.secrets.Read(ctx, instance.Token)
	if err != nil {
		return nil, fmt.Errorf("token for gitlab %s: %w", instance.URL, err)
	}
	transport := p.verified
	if instance.SSLVerify != nil && !*instance.SSLVerify {
		transport = p.insecure
	}
	client, err := New(Config{URL: instance.URL, Token: token, Transport: transport})
	if err != nil {
		return nil, err
	}
	// What one token may read, another may not.
	client.kept, client.space = p.kept, fmt.Sprintf("%s %x", instance.URL, sha256.Sum256([]byte(token.Reveal())))
	return client, nil
}
