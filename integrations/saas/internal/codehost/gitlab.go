package codehost

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
)

// gitLab finds the instance whose URL the repository's begins with, and takes the first one for what is in none, if it calls
// itself a GitLab.
//
// Differs from the reference: all instances of app-interface count. There it is the first one alone, and what is in another
// one is looked for there.
func (v *View) gitLab(ctx context.Context, address string) (source, error) {
	instances, err := v.instances.Get(ctx, struct{}{}, func(ctx context.Context) ([]instance, error) {
		answer, err := codeHosts(ctx, v.app)
		if err != nil {
			return nil, fmt.Errorf("read the GitLab instances from app-interface: %w", err)
		}
		return answer.Instances, nil
	})
	if err != nil {
		return nil, err
	}
	best, path := -1, ""
	for i, one := range instances {
		prefix := strings.TrimRight(one.Url, "/") + "/"
		if rest, here := strings.CutPrefix(address, prefix); here && (best < 0 || len(rest) < len(path)) {
			best, path = i, rest
		}
	}
	if parsed, err := url.Parse(address); best < 0 && err == nil && strings.Contains(parsed.Host, "gitlab") && len(instances) > 0 {
		best, path = 0, parsed.Path
	}
	if best < 0 {
		return nil, apierr.Errorf(apierr.Invalid, "repository %s is neither on GitHub nor in a GitLab instance of app-interface: correct the url", address)
	}
	client, err := v.onGitLab.Get(ctx, best, func(ctx context.Context) (*gitlabapi.Client, error) {
		one := instances[best]
		return v.hosts.GitLab.Connect(ctx, gitlabapi.Instance{URL: one.Url, Token: one.Token, SSLVerify: one.SslVerify})
	})
	if err != nil {
		return nil, err
	}
	repository, err := client.Repository(path)
	if err != nil {
		return nil, err
	}
	return gitLab{repository}, nil
}

// gitLab is a repository of a GitLab.
type gitLab struct{ *gitlabapi.Repository }

func (g gitLab) commit(ctx context.Context, ref string) (string, error) { return g.Commit(ctx, ref) }

func (g gitLab) file(ctx context.Context, path, commit string) ([]byte, error) {
	return g.File(ctx, path, commit)
}

func (g gitLab) files(ctx context.Context, folder, commit string) ([]string, error) {
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

func (g gitLab) tree(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	return g.Tree(ctx, folder, commit)
}
