package githubapi

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v88/github"
)

// Commit is a commit with the moment when it was committed.
type Commit struct {
	SHA string
	At  time.Time
}

// Between returns the commits that head has and base has not, the oldest first. It is Missing where one of them is not there.
func (r *Repository) Between(ctx context.Context, base, head string) ([]Commit, error) {
	what := fmt.Sprintf("list the commits from %s to %s", base, head)
	read := func(ctx context.Context) ([]Commit, error) {
		commits := []Commit{}
		options := &github.ListOptions{PerPage: 100}
		for {
			compared, resp, err := r.client.api.Repositories.CompareCommits(ctx, r.owner, r.name, base, head, options)
			if err != nil {
				return nil, r.failed(what, err)
			}
			for _, one := range compared.Commits {
				commits = append(commits, Commit{SHA: one.GetSHA(), At: one.GetCommit().GetCommitter().GetDate().Time})
			}
			if resp.NextPage == 0 {
				return commits, nil
			}
			options.Page = resp.NextPage
		}
	}
	if err := checkCommits(base, head); err != nil {
		return nil, r.failed(what, err)
	}
	return remembered(ctx, r, func(commits []Commit) int { return 80 * len(commits) }, read, "between", base, head)
}

// Ancestor says whether a commit is another one, or one that it came from. It is Missing where one of them is not there.
func (r *Repository) Ancestor(ctx context.Context, commit, of string) (bool, error) {
	what := fmt.Sprintf("compare %s with %s", commit, of)
	read := func(ctx context.Context) (bool, error) {
		compared, _, err := r.client.api.Repositories.CompareCommits(ctx, r.owner, r.name, commit, of, &github.ListOptions{PerPage: 1})
		if err != nil {
			return false, r.failed(what, err)
		}
		status := compared.GetStatus()
		return status == "ahead" || status == "identical", nil
	}
	if err := checkCommits(commit, of); err != nil {
		return false, r.failed(what, err)
	}
	return remembered(ctx, r, func(bool) int { return 1 }, read, "ancestor", commit, of)
}

func checkCommits(commits ...string) error {
	for _, commit := range commits {
		if err := checkCommit(commit); err != nil {
			return err
		}
	}
	return nil
}
