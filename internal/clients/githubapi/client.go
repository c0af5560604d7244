// Package githubapi is a client of GitHub's REST API on go-github, for what integrations and templates read there. Methods
// are safe to repeat. What has been read is asked for again only where it has changed: GitHub does not count such requests
// against the rate limit of the token.
package githubapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v88/github"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Config names a GitHub and the credentials for it.
type Config struct {
	// URL is where the API is; empty is GitHub itself.
	URL   string
	Token secret.Value
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// defaultURL is where GitHub's API is.
const defaultURL = "https://api.github.com"

// Client talks to GitHub with one token. It is safe for concurrent use.
type Client struct {
	host string
	api  *github.Client
	// outside sends requests without the token.
	outside *http.Client
	// kept is what was read at commits, under keys that begin with space.
	kept  *memo.Cache
	space string
}

// mostKeptOfCommits bounds what is kept of commits, in bytes.
const mostKeptOfCommits = 64 << 20

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	base := config.URL
	if base == "" {
		base = defaultURL
	}
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "the URL of GitHub's API %q is no http or https URL", base)
	}
	next := config.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	base = strings.TrimSuffix(parsed.String(), "/") + "/"
	api, err := github.NewClient(
		github.WithURLs(&base, nil), github.WithAuthToken(config.Token.Reveal()),
		github.WithTransport(readonly.Transport(newConditional(edge{next}), nil)))
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "GitHub's API at %s: %w", parsed.Host, err)
	}
	return &Client{host: parsed.Host, api: api, outside: &http.Client{Transport: readonly.Transport(next, nil)}, kept: memo.New(mostKeptOfCommits)}, nil
}

// File returns the content of a file of a repository, OWNER/NAME, as of a branch, a tag or a commit; as of the default
// branch where ref is empty. It is Missing where the repository, the ref or the file is not there, or not for the token,
// and Invalid for a folder, a submodule, and a file that GitHub shows no content of: one of more than a MiB.
func (c *Client) File(ctx context.Context, repository, path, ref string) (string, error) {
	what := fmt.Sprintf("read %s of %s at %s", path, repository, ref)
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", c.failed(what, apierr.Errorf(apierr.Invalid, "%q is no repository: write OWNER/NAME", repository))
	}
	file, folder, _, err := c.api.Repositories.GetContents(ctx, owner, name, strings.TrimPrefix(path, "/"), &github.RepositoryContentGetOptions{Ref: ref})
	switch {
	case err != nil:
		return "", c.failed(what, err)
	case folder != nil:
		return "", c.failed(what, apierr.Errorf(apierr.Invalid, "it is a folder: name a file in it"))
	case file.GetType() != "file" || file.GetEncoding() != "base64":
		return "", c.failed(what, apierr.Errorf(apierr.Invalid, "it is no file, or larger than a MiB: name another one"))
	}
	content, err := file.GetContent()
	if err != nil {
		return "", c.failed(what, apierr.Errorf(apierr.Unavailable, "the answer is not what GitHub's API sends: %w", err))
	}
	return content, nil
}
