package codehost

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
)

// gitHub logs in with the token of the repository, or of the default organisation.
func (v *View) gitHub(ctx context.Context, r Repository, name string) (source, error) {
	client, err := v.onGitHub.Get(ctx, r.place.token, func(ctx context.Context) (*githubapi.Client, error) {
		if r.token != nil {
			return v.hosts.GitHub.Connect(ctx, githubapi.Organisation{Name: name, Token: *r.token})
		}
		organisations, err := githubapi.Organisations(ctx, v.app)
		if err != nil {
			return nil, err
		}
		organisation, err := githubapi.Default(organisations)
		if err != nil {
			return nil, err
		}
		return v.hosts.GitHub.Connect(ctx, organisation)
	})
	if err != nil {
		return nil, err
	}
	repository, err := client.Repository(name)
	if err != nil {
		return nil, err
	}
	return gitHub{repository}, nil
}

// gitHub is a repository of GitHub.
type gitHub struct{ *githubapi.Repository }

func (g gitHub) commit(ctx context.Context, ref string) (string, error) { return g.Commit(ctx, ref) }

func (g gitHub) file(ctx context.Context, path, commit string) ([]byte, error) {
	return g.File(ctx, path, commit)
}

func (g gitHub) files(ctx context.Context, folder, commit string) ([]string, error) {
	entries, err := g.Folder(ctx, folder, commit)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(entries))
	for i, entry := range entries {
		if entry.Folder {
			return nil, fmt.Errorf("list folder %q of %s: %w", folder, g, nested(entry.Path))
		}
		paths[i] = entry.Path
	}
	return paths, nil
}

func (g gitHub) tree(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	return g.Tree(ctx, folder, commit)
}
