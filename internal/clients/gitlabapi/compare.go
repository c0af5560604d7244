package gitlabapi

import (
	"context"
	"fmt"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// CommitAt is a commit with the moment when it was committed.
type CommitAt struct {
	SHA string
	At  time.Time
}

// Between returns the commits that head has and base has not, the oldest first. It is Missing where one of them is not there.
func (r *Repository) Between(ctx context.Context, base, head string) ([]CommitAt, error) {
	what := fmt.Sprintf("list the commits from %s to %s", base, head)
	read := func(ctx context.Context) ([]CommitAt, error) {
		options := &gitlab.CompareOptions{From: &base, To: &head, Straight: gitlab.Ptr(false)}
		compared, resp, err := r.client.api.Repositories.Compare(r.path, options, gitlab.WithContext(ctx))
		if err != nil {
			return nil, r.failed(what, resp, err)
		}
		commits := make([]CommitAt, len(compared.Commits))
		for i, one := range compared.Commits {
			commits[i].SHA = one.ID
			if one.CommittedDate != nil {
				commits[i].At = *one.CommittedDate
			}
		}
		return commits, nil
	}
	if err := checkCommits(base, head); err != nil {
		return nil, r.failed(what, nil, err)
	}
	return remembered(ctx, r, func(commits []CommitAt) int { return 80 * len(commits) }, read, "between", base, head)
}

// Ancestor says whether a commit is another one, or one that it came from. It is Missing where one of them is not there.
func (r *Repository) Ancestor(ctx context.Context, commit, of string) (bool, error) {
	what := fmt.Sprintf("compare %s with %s", commit, of)
	read := func(ctx context.Context) (bool, error) {
		common, resp, err := r.client.api.Repositories.MergeBase(r.path, &gitlab.MergeBaseOptions{Ref: &[]string{commit, of}}, gitlab.WithContext(ctx))
		if err != nil {
			return false, r.failed(what, resp, err)
		}
		return common.ID == commit, nil
	}
	if err := checkCommits(commit, of); err != nil {
		return false, r.failed(what, nil, err)
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
