package githubapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v88/github"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/memo"
)

// Repository is a repository that is read at commits. What was read at one is kept, for all who read with the same token:
// it does not change. It is safe for concurrent use.
type Repository struct {
	owner, name string
	client      *Client
}

// Repository returns the repository OWNER/NAME. It asks nobody whether there is one.
func (c *Client) Repository(name string) (*Repository, error) {
	owner, short, ok := strings.Cut(name, "/")
	if !ok || owner == "" || short == "" || strings.Contains(short, "/") {
		return nil, apierr.Errorf(apierr.Invalid, "github %s: %q is no repository: write OWNER/NAME", c.host, name)
	}
	return &Repository{owner: owner, name: short, client: c}, nil
}

// String is the repository's name.
func (r *Repository) String() string { return r.owner + "/" + r.name }

// Commit returns the full name of the commit that a branch, a tag or a name of a commit stands for now. It is Missing where
// there is no such ref. A name that is full already is returned as it is.
func (r *Repository) Commit(ctx context.Context, ref string) (string, error) {
	if full(ref) {
		return ref, nil
	}
	what := "find commit " + ref
	// GitHub reads the rest of the path as the ref, and an empty one as the list of commits.
	if ref == "" || strings.ContainsAny(ref, "?#") {
		return "", r.failed(what, apierr.Errorf(apierr.Invalid, "%q is no branch, tag or commit: correct it", ref))
	}
	sha, _, err := r.client.api.Repositories.GetCommitSHA1(ctx, r.owner, r.name, ref, "")
	if err != nil {
		var refused *github.ErrorResponse
		if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode == http.StatusUnprocessableEntity {
			err = apierr.Errorf(apierr.Missing, "%s: correct the ref", refused.Message)
		}
		return "", r.failed(what, err)
	}
	if !full(sha) {
		return "", r.failed(what, apierr.Errorf(apierr.Unavailable, "the answer is no name of a commit"))
	}
	return sha, nil
}

// full says whether a ref is the full name of a commit.
func full(ref string) bool { return len(ref) == 40 && strings.Trim(ref, "0123456789abcdef") == "" }

// failed says besides which repository was worked on.
func (r *Repository) failed(what string, err error) error {
	return r.client.failed(fmt.Sprintf("repository %s: %s", r, what), err)
}

// remembered reads what never changes: what several ask for is read once. Parts name it within the repository, and one of
// them is the full name of a commit.
func remembered[V any](ctx context.Context, r *Repository, size func(V) int, read func(context.Context) (V, error), parts ...string) (V, error) {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.QueryEscape(part)
	}
	key := r.client.space + " " + r.String() + " " + strings.Join(escaped, " ")
	return memo.Get(ctx, r.client.kept, key, size, read)
}

// checkCommit refuses what is no commit: what stands at a branch changes.
func checkCommit(commit string) error {
	if !full(commit) {
		return apierr.Errorf(apierr.Invalid, "%q is no full name of a commit", commit)
	}
	return nil
}
