package gitlabapi

import (
	"context"
	"fmt"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Branch is a branch with the commit at its head.
type Branch struct {
	Name, Commit       string
	Default, Protected bool
}

// Branch returns a branch. It is Missing where there is none of this name.
func (p *Project) Branch(ctx context.Context, name string) (Branch, error) {
	what := "get branch " + name
	if err := nameOf("branch", name); err != nil {
		return Branch{}, p.failed(what, nil, err)
	}
	found, resp, err := p.client.api.Branches.GetBranch(p.ID, name, gitlab.WithContext(ctx))
	if err != nil {
		return Branch{}, p.failed(what, resp, err)
	}
	return branchOf(found), nil
}

// ListBranches returns the branches with names that contain search, or begin with it where it begins with ^; all
// branches where it is empty.
func (p *Project) ListBranches(ctx context.Context, search string) ([]Branch, error) {
	options := &gitlab.ListBranchesOptions{ListOptions: pages()}
	if search != "" {
		options.Search = &search
	}
	found, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.Branch, *gitlab.Response, error) {
		return p.client.api.Branches.ListBranches(p.ID, options, o...)
	})
	if err != nil {
		return nil, p.failed("list branches", resp, err)
	}
	branches := make([]Branch, len(found))
	for i, branch := range found {
		branches[i] = branchOf(branch)
	}
	return branches, nil
}

func branchOf(b *gitlab.Branch) Branch {
	branch := Branch{Name: b.Name, Default: b.Default, Protected: b.Protected}
	if b.Commit != nil {
		branch.Commit = b.Commit.ID
	}
	return branch
}

// CreateBranch makes a branch at a ref: a branch or a commit. A branch of this name that is there already is a
// Conflict: it may hold anything.
func (p *Project) CreateBranch(ctx context.Context, name, ref string) (Branch, error) {
	options := &gitlab.CreateBranchOptions{Branch: &name, Ref: &ref}
	made, resp, err := p.client.api.Branches.CreateBranch(p.ID, options, gitlab.WithContext(ctx))
	if err != nil {
		err = p.failed(fmt.Sprintf("create branch %s from %s", name, ref), resp, err)
		// GitLab has no code of its own for this.
		if apierr.Is(err, apierr.Invalid) && strings.Contains(err.Error(), "Branch already exists") {
			err = apierr.New(apierr.Conflict, err)
		}
		return Branch{}, err
	}
	return branchOf(made), nil
}

// DeleteBranch deletes a branch. One that is not there is success. GitLab closes the merge requests that come from it.
func (p *Project) DeleteBranch(ctx context.Context, name string) error {
	what := "delete branch " + name
	if err := nameOf("branch", name); err != nil {
		return p.failed(what, nil, err)
	}
	resp, err := p.client.api.Branches.DeleteBranch(p.ID, name, gitlab.WithContext(ctx))
	if err == nil {
		return nil
	}
	if err = p.failed(what, resp, err); apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

// nameOf refuses names that would lead to another path.
func nameOf(kind, name string) error {
	if name == "" || name == "." || name == ".." {
		return apierr.Errorf(apierr.Invalid, "%q is no name of a %s: correct it", name, kind)
	}
	return nil
}
