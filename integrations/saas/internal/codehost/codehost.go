// Package codehost reads the repositories that saas files name, on GitHub and on the GitLab instances of app-interface.
// Callers need not know which of them has one.
package codehost

import (
	"context"
	"net/url"
	"strings"

	"github.com/Khan/genqlient/graphql"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Hosts are the clients of all hosts. What they read at commits they keep for all steps of the worker.
type Hosts struct {
	GitHub *githubapi.Pool
	GitLab *gitlabapi.Pool
}

// source reads one repository. Commits are full names, paths begin at the root of the repository, and errors name it.
type source interface {
	commit(ctx context.Context, ref string) (string, error)
	file(ctx context.Context, path, commit string) ([]byte, error)
	// files are the paths of the files of a folder. It is Invalid where there are folders in it.
	files(ctx context.Context, folder, commit string) ([]string, error)
	// tree are all files below a folder, by their paths.
	tree(ctx context.Context, folder, commit string) (map[string][]byte, error)
}

// View is what one step sees of the repositories: a ref stands for the same commit from its first use on, and is looked up
// once however many targets have it. A step makes a new one each time that it runs. It is safe for concurrent use.
type View struct {
	hosts Hosts
	app   graphql.Client

	instances memo.Once[struct{}, []instance]
	sources   memo.Once[place, source]
	commits   memo.Once[stand, string]
	onGitHub  memo.Once[string, *githubapi.Client]
	onGitLab  memo.Once[int, *gitlabapi.Client]
}

// place is a repository as it is logged in to. Token is the text of the secret's reference; empty is none.
type place struct{ url, token string }

type stand struct {
	place
	ref string
}

// NewView returns a view that looks up in app-interface how to log in.
func (h Hosts) NewView(app graphql.Client) *View { return &View{hosts: h, app: app} }

// Repository is a repository of a view. The zero value is none.
type Repository struct {
	view  *View
	place place
	token *secret.Ref
}

// Repository returns the repository at a URL, as saas files write it. Token is the secret that its saas file names for it in
// authentication.code; nil logs in to GitHub with the token of the default organisation. GitLab takes that of the instance,
// whatever the token is. It asks nobody whether there is such a repository.
func (v *View) Repository(address string, token *secret.Ref) Repository {
	at := place{url: strings.TrimSuffix(strings.TrimRight(address, "/"), ".git")}
	if token != nil {
		at.token = token.String() + " " + token.Format
	}
	return Repository{v, at, token}
}

// Commit returns the full name of the commit that a branch, a tag or a name of a commit stands for. It is Missing where there
// is no such ref.
func (r Repository) Commit(ctx context.Context, ref string) (string, error) {
	return r.view.commits.Get(ctx, stand{r.place, ref}, func(ctx context.Context) (string, error) {
		from, err := r.source(ctx)
		if err != nil {
			return "", err
		}
		return from.commit(ctx, ref)
	})
}

// File returns a file at a commit. It is Missing where there is no such file. Nobody may change what it returns.
func (r Repository) File(ctx context.Context, path, commit string) ([]byte, error) {
	from, err := r.source(ctx)
	if err != nil {
		return nil, err
	}
	return from.file(ctx, path, commit)
}

// Folder returns the files of a folder at a commit by their names. It is Missing where there is no such folder, and Invalid where
// there are folders in it: what they hold would be left out. Nobody may change the contents.
func (r Repository) Folder(ctx context.Context, path, commit string) (map[string][]byte, error) {
	from, err := r.source(ctx)
	if err != nil {
		return nil, err
	}
	paths, err := from.files(ctx, path, commit)
	if err != nil {
		return nil, err
	}
	contents := make([][]byte, len(paths))
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(filesAtOnce)
	for i, one := range paths {
		reads.Go(func() error {
			var err error
			contents[i], err = from.file(ctx, one, commit)
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(paths))
	for i, one := range paths {
		files[one[strings.LastIndex(one, "/")+1:]] = contents[i]
	}
	return files, nil
}

// Tree returns all files below a folder at a commit by their paths in it, symbolic links followed. It is Missing where there is
// no such folder. Nobody may change the contents.
func (r Repository) Tree(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	from, err := r.source(ctx)
	if err != nil {
		return nil, err
	}
	all, err := from.tree(ctx, folder, commit)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(all))
	for path, content := range all {
		files[strings.TrimPrefix(strings.TrimPrefix(path, strings.Trim(folder, "/")), "/")] = content
	}
	return files, nil
}

// nested is the error of a folder in a folder.
func nested(path string) error {
	return apierr.Errorf(apierr.Invalid, "there is the folder %s in it, and files in folders of folders are not read: move them up, or elsewhere", path)
}

// filesAtOnce is how many files of a folder are read at a time.
const filesAtOnce = 8

// source finds the host of the repository.
func (r Repository) source(ctx context.Context) (source, error) {
	return r.view.sources.Get(ctx, r.place, func(ctx context.Context) (source, error) {
		parsed, err := url.Parse(r.place.url)
		if err == nil && strings.EqualFold(parsed.Host, "github.com") {
			return r.view.gitHub(ctx, r, strings.Trim(parsed.Path, "/"))
		}
		return r.view.gitLab(ctx, r.place.url)
	})
}
