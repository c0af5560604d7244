package mergerequest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// Allow says what may be done without a person; integrations have toggles for it.
type Allow struct{ Opening, Closing bool }

// Direct makes requests in GitLab itself. It is safe for concurrent use, of different requests.
type Direct struct {
	project *gitlabapi.Project
	allow   Allow
}

// NewDirect returns a gateway to the project, whose default branch is what requests are merged into.
func NewDirect(project *gitlabapi.Project, allow Allow) *Direct {
	return &Direct{project: project, allow: allow}
}

// Ensure opens the request, unless it is open or its changes are in. Requests of its Kind that are for the same and out
// of date, and all but the oldest of several that are up to date, are closed for it.
//
// Differs from the reference: a merge request is opened right after the one that is out of date was closed. Some of the
// reference's integrations wait for the next run then, since they cannot tell whether they may close.
//
// Differs from the reference: of several merge requests with the same label and data the oldest alone stays open. The
// reference looks at one of them.
//
// Differs from the reference: the branch of a merge request is made with the whole change, in one commit. The reference
// makes a commit for each file, and leaves the branch behind where it is killed in between.
func (d *Direct) Ensure(ctx context.Context, r Request) (Result, error) {
	if err := r.check(); err != nil {
		return Result{}, err
	}
	if err := readonly.Check(ctx, fmt.Sprintf("merge request %q", r.Title)); err != nil {
		return Result{}, err
	}
	found, err := d.find(ctx, r)
	if err != nil {
		return Result{}, fmt.Errorf("merge request %q: %w", r.Title, err)
	}
	result, err := d.settle(ctx, r, found)
	if err != nil {
		return result, fmt.Errorf("merge request %q: %w", r.Title, err)
	}
	return result, nil
}

// Look reads what Ensure reads.
func (d *Direct) Look(ctx context.Context, r Request) (Result, error) {
	if err := r.check(); err != nil {
		return Result{}, err
	}
	found, err := d.find(ctx, r)
	if err != nil {
		return Result{}, fmt.Errorf("look for merge request %q: %w", r.Title, err)
	}
	return Result{Outcome: found.outcome, URL: found.url}, nil
}

// finding is how things stand with a request before anything is written.
type finding struct {
	// outcome is AlreadyOpen, with the url, NothingToDo or Missing.
	outcome Outcome
	url     string
	// open are all open requests, and outdated those of them to close.
	open     []gitlabapi.MergeRequest
	outdated []Unfit
	// base is the commit that the actions of a Missing request build on.
	base    string
	actions []gitlabapi.FileAction
}

// find looks at the open requests, and where none of them makes opening r needless, at the target branch.
func (d *Direct) find(ctx context.Context, r Request) (finding, error) {
	open, err := d.project.ListMergeRequests(ctx, gitlabapi.Filter{State: gitlabapi.Opened})
	if err != nil {
		return finding{}, err
	}
	current, outdated, err := d.compare(ctx, r, open)
	if err != nil {
		return finding{}, err
	}
	found := finding{outcome: Missing, open: open, outdated: outdated}
	if current != nil {
		found.outcome, found.url = AlreadyOpen, current.WebURL
		return found, nil
	}
	if found.base, err = d.base(ctx); err != nil {
		return finding{}, err
	}
	if found.actions, err = r.difference(ctx, d.readAt(found.base)); err != nil {
		return finding{}, err
	}
	if len(found.actions) == 0 {
		found.outcome = NothingToDo
	}
	return found, nil
}

// settle makes of what was found what should be.
func (d *Direct) settle(ctx context.Context, r Request, found finding) (Result, error) {
	closed, err := d.closeAll(ctx, found.outdated)
	result := Result{Outcome: found.outcome, URL: found.url, Closed: closed}
	switch {
	case err != nil:
		return result, err
	case found.outcome != Missing:
		return result, d.dropLeftover(ctx, r, found.open)
	case !d.allow.Opening || len(closed) < len(found.outdated):
		result.Outcome = Withheld
		return result, nil
	}
	made, err := d.open(ctx, r, found.base, found.actions)
	if err != nil {
		return result, err
	}
	result.Outcome, result.URL = Opened, made.WebURL
	return result, nil
}

// open makes the branch and the request. A branch that an earlier attempt left is made anew: nobody else uses it.
func (d *Direct) open(ctx context.Context, r Request, base string, actions []gitlabapi.FileAction) (gitlabapi.MergeRequest, error) {
	// While a long list was read, requests may have moved to pages that had been read before.
	if found, ok, err := d.fromBranch(ctx, r); ok || err != nil {
		return found, err
	}
	message := cmp.Or(r.Message, r.Title)
	if _, err := d.project.Commit(ctx, gitlabapi.Commit{Branch: r.branch(), Message: message, Start: base, Actions: actions}); err != nil {
		return gitlabapi.MergeRequest{}, err
	}
	made, err := d.project.OpenMergeRequest(ctx, gitlabapi.NewMergeRequest{
		Title: r.Title, Description: r.description(), Labels: r.labels(),
		SourceBranch: r.branch(), TargetBranch: d.project.DefaultBranch, RemoveSourceBranch: true,
	})
	kind, known := apierr.KindOf(err)
	switch {
	case kind == apierr.Conflict:
		// An attempt that was taken for dead has opened it.
		if found, ok, err := d.fromBranch(ctx, r); ok || err != nil {
			return found, err
		}
	case known && !kind.Retryable():
		// Nobody comes back to the branch.
		return made, errors.Join(err, d.project.DeleteBranch(ctx, r.branch()))
	}
	return made, err
}

// fromBranch finds the open request that comes from the branch of r.
func (d *Direct) fromBranch(ctx context.Context, r Request) (gitlabapi.MergeRequest, bool, error) {
	found, err := d.project.ListMergeRequests(ctx, gitlabapi.Filter{State: gitlabapi.Opened, SourceBranch: r.branch()})
	if at := slices.IndexFunc(found, d.own); at >= 0 {
		return found[at], true, nil
	}
	return gitlabapi.MergeRequest{}, false, err
}

// base is the commit that the change builds on, so that all files are read from one and the same.
func (d *Direct) base(ctx context.Context) (string, error) {
	branch, err := d.project.Branch(ctx, d.project.DefaultBranch)
	return branch.Commit, err
}

func (d *Direct) readAt(commit string) read {
	return func(ctx context.Context, path string) ([]byte, bool, error) {
		content, err := d.project.File(ctx, path, commit)
		if apierr.Is(err, apierr.Missing) {
			return nil, false, nil
		}
		return content, err == nil, err
	}
}

// dropLeftover deletes the branch of an earlier attempt that came no further, and is not needed any more.
func (d *Direct) dropLeftover(ctx context.Context, r Request, open []gitlabapi.MergeRequest) error {
	for _, request := range open {
		if d.own(request) && request.SourceBranch == r.branch() {
			return nil
		}
	}
	_, err := d.project.Branch(ctx, r.branch())
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.project.DeleteBranch(ctx, r.branch())
}

// own says whether a request comes from the project itself, and not from a fork.
func (d *Direct) own(request gitlabapi.MergeRequest) bool {
	return request.SourceProjectID == d.project.ID
}
