package gitlabapi

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/memo"
)

// Repository is the repository of a project, read at commits. What was read at one is kept, for all who read with the same
// token: it does not change. It is safe for concurrent use.
type Repository struct {
	path   string
	client *Client
}

// Repository returns the repository of a project by its full path. It asks nobody whether there is one.
func (c *Client) Repository(path string) (*Repository, error) {
	path = strings.Trim(path, "/")
	if !strings.Contains(path, "/") || strings.Contains("/"+path+"/", "/../") {
		return nil, apierr.Errorf(apierr.Invalid, "gitlab %s: %q is no path of a project: write GROUP/NAME", c.base.Host, path)
	}
	return &Repository{path: path, client: c}, nil
}

// String is the full path of the project.
func (r *Repository) String() string { return r.path }

// Commit returns the full name of the commit that a branch, a tag or a name of a commit stands for now. It is Missing where
// there is no such ref, or no such project. A name that is full already is returned as it is.
func (r *Repository) Commit(ctx context.Context, ref string) (string, error) {
	if full(ref) {
		return ref, nil
	}
	what := "find commit " + ref
	if err := nameOf("ref", ref); err != nil {
		return "", r.failed(what, nil, err)
	}
	found, resp, err := r.client.api.Commits.GetCommit(r.path, ref, &gitlab.GetCommitOptions{Stats: gitlab.Ptr(false)}, gitlab.WithContext(ctx))
	if err != nil {
		return "", r.failed(what, resp, err)
	}
	if !full(found.ID) {
		return "", r.failed(what, nil, apierr.Errorf(apierr.Unavailable, "the answer is no name of a commit"))
	}
	return found.ID, nil
}

// File returns a file at a commit. It is Missing where the commit or the file is not there, or is a folder.
func (r *Repository) File(ctx context.Context, path, commit string) ([]byte, error) {
	path = strings.Trim(path, "/")
	what := fmt.Sprintf("read %s at %s", path, commit)
	if err := checkCommit(commit); err != nil {
		return nil, r.failed(what, nil, err)
	}
	if err := nameOf("file", path); err != nil {
		return nil, r.failed(what, nil, err)
	}
	read := func(ctx context.Context) ([]byte, error) {
		content, resp, err := r.client.api.RepositoryFiles.GetRawFile(r.path, path, &gitlab.GetRawFileOptions{Ref: &commit}, gitlab.WithContext(ctx))
		if err != nil {
			return nil, r.failed(what, resp, err)
		}
		return content, nil
	}
	return remembered(ctx, r, func(content []byte) int { return len(content) }, read, "file", commit, path)
}

// Entry is what a folder holds.
type Entry struct {
	// Path is from the root of the repository.
	Path string
	// Folder says that it is no file.
	Folder bool
	// Link says that its content is the path of another one.
	Link bool
}

// Folder returns what a folder holds at a commit, and nothing of the folders in it. It is Missing where the commit or the
// folder is not there.
func (r *Repository) Folder(ctx context.Context, path, commit string) ([]Entry, error) {
	return r.list(ctx, path, commit, false)
}

func (r *Repository) list(ctx context.Context, path, commit string, whole bool) ([]Entry, error) {
	path = strings.Trim(path, "/")
	what := fmt.Sprintf("list folder %q at %s", path, commit)
	if err := checkCommit(commit); err != nil {
		return nil, r.failed(what, nil, err)
	}
	options := &gitlab.ListTreeOptions{ListOptions: pages(), Ref: &commit, Recursive: &whole}
	if path != "" {
		options.Path = &path
	}
	read := func(ctx context.Context) ([]Entry, error) {
		nodes, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.TreeNode, *gitlab.Response, error) {
			return r.client.api.Repositories.ListTree(r.path, options, o...)
		})
		if err != nil {
			return nil, r.failed(what, resp, err)
		}
		entries := make([]Entry, len(nodes))
		for i, node := range nodes {
			entries[i] = Entry{Path: node.Path, Folder: node.Type != "blob", Link: node.Mode == linkMode}
		}
		return entries, nil
	}
	kind := "folder"
	if whole {
		kind = "tree"
	}
	return remembered(ctx, r, entriesSize, read, kind, commit, path)
}

// linkMode is git's mode of a symbolic link.
const linkMode = "120000"

func entriesSize(entries []Entry) int {
	size := 0
	for _, entry := range entries {
		size += len(entry.Path) + 24
	}
	return size
}

// full says whether a ref is the full name of a commit.
func full(ref string) bool { return len(ref) == 40 && strings.Trim(ref, "0123456789abcdef") == "" }

// checkCommit refuses what is no commit: what stands at a branch changes.
func checkCommit(commit string) error {
	if !full(commit) {
		return apierr.Errorf(apierr.Invalid, "%q is no full name of a commit", commit)
	}
	return nil
}

// failed says besides which repository was worked on.
func (r *Repository) failed(what string, resp *gitlab.Response, err error) error {
	return r.client.failed(fmt.Sprintf("project %s: %s", r.path, what), resp, err)
}

// remembered reads what never changes: what several ask for is read once. Parts name it within the repository, and one of
// them is the full name of a commit.
func remembered[V any](ctx context.Context, r *Repository, size func(V) int, read func(context.Context) (V, error), parts ...string) (V, error) {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.QueryEscape(part)
	}
	key := r.client.space + " " + r.path + " " + strings.Join(escaped, " ")
	return memo.Get(ctx, r.client.kept, key, size, read)
}
