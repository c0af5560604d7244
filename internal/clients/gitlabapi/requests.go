package gitlabapi

import (
	"context"
	"fmt"
	"slices"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// MergeRequest is a merge request into the project.
type MergeRequest struct {
	// IID is its number in the project.
	IID                        int64
	Title, Description         string
	Labels                     []string
	State                      string
	SourceBranch, TargetBranch string
	// SourceProjectID is the project that the source branch is in: a fork's where it differs from the project's own, zero
	// where the fork is gone.
	SourceProjectID int64
	Author          string
	// HasConflicts is what GitLab found when it last looked.
	HasConflicts bool
	WebURL       string
}

// States of merge requests.
const (
	Opened = "opened"
	Closed = "closed"
	Merged = "merged"
)

// Filter says which merge requests to list. What is empty does not ask.
type Filter struct {
	State                      string
	SourceBranch, TargetBranch string
	// Labels are all on it.
	Labels []string
	// Search is in the title or the description.
	Search string
}

// ListMergeRequests returns the merge requests that pass the filter, the oldest first.
func (p *Project) ListMergeRequests(ctx context.Context, f Filter) ([]MergeRequest, error) {
	options := &gitlab.ListProjectMergeRequestsOptions{
		ListOptions: pages(), OrderBy: gitlab.Ptr("created_at"), Sort: gitlab.Ptr("asc"),
	}
	for value, option := range map[*string]**string{
		&f.State: &options.State, &f.SourceBranch: &options.SourceBranch, &f.TargetBranch: &options.TargetBranch, &f.Search: &options.Search,
	} {
		if *value != "" {
			*option = value
		}
	}
	if len(f.Labels) > 0 {
		options.Labels = (*gitlab.LabelOptions)(&f.Labels)
	}
	found, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.BasicMergeRequest, *gitlab.Response, error) {
		return p.client.api.MergeRequests.ListProjectMergeRequests(p.ID, options, o...)
	})
	if err != nil {
		return nil, p.failed("list merge requests", resp, err)
	}
	requests := []MergeRequest{}
	for _, one := range found {
		// What is opened while the pages are read moves the others on, and stands on two pages then.
		if !slices.ContainsFunc(requests, func(known MergeRequest) bool { return known.IID == one.IID }) {
			requests = append(requests, requestOf(*one))
		}
	}
	return requests, nil
}

// MergeRequest returns a merge request by its number in the project.
func (p *Project) MergeRequest(ctx context.Context, iid int64) (MergeRequest, error) {
	found, resp, err := p.client.api.MergeRequests.GetMergeRequest(p.ID, iid, nil, gitlab.WithContext(ctx))
	if err != nil {
		return MergeRequest{}, p.failed(fmt.Sprintf("get merge request !%d", iid), resp, err)
	}
	return requestOf(found.BasicMergeRequest), nil
}

// NewMergeRequest is a merge request to open, from a branch of the project.
type NewMergeRequest struct {
	Title, Description         string
	SourceBranch, TargetBranch string
	Labels                     []string
	// RemoveSourceBranch deletes the source branch after the merge.
	RemoveSourceBranch bool
}

// OpenMergeRequest opens a merge request. Where one between the two branches is open already it is a Conflict.
func (p *Project) OpenMergeRequest(ctx context.Context, n NewMergeRequest) (MergeRequest, error) {
	options := &gitlab.CreateMergeRequestOptions{
		Title: &n.Title, Description: &n.Description, SourceBranch: &n.SourceBranch, TargetBranch: &n.TargetBranch,
		RemoveSourceBranch: &n.RemoveSourceBranch,
	}
	if len(n.Labels) > 0 {
		options.Labels = (*gitlab.LabelOptions)(&n.Labels)
	}
	made, resp, err := p.client.api.MergeRequests.CreateMergeRequest(p.ID, options, gitlab.WithContext(ctx))
	if err != nil {
		return MergeRequest{}, p.failed(fmt.Sprintf("open merge request %q from %s", n.Title, n.SourceBranch), resp, err)
	}
	return requestOf(made.BasicMergeRequest), nil
}

// Edit changes a merge request. What is nil or empty stays.
type Edit struct {
	Title, Description      *string
	AddLabels, RemoveLabels []string
	// Close closes it.
	Close bool
}

// EditMergeRequest changes a merge request. It may be repeated.
func (p *Project) EditMergeRequest(ctx context.Context, iid int64, e Edit) (MergeRequest, error) {
	options := &gitlab.UpdateMergeRequestOptions{Title: e.Title, Description: e.Description}
	if len(e.AddLabels) > 0 {
		options.AddLabels = (*gitlab.LabelOptions)(&e.AddLabels)
	}
	if len(e.RemoveLabels) > 0 {
		options.RemoveLabels = (*gitlab.LabelOptions)(&e.RemoveLabels)
	}
	if e.Close {
		options.StateEvent = gitlab.Ptr("close")
	}
	changed, resp, err := p.client.api.MergeRequests.UpdateMergeRequest(p.ID, iid, options, gitlab.WithContext(ctx))
	if err != nil {
		return MergeRequest{}, p.failed(fmt.Sprintf("change merge request !%d", iid), resp, err)
	}
	return requestOf(changed.BasicMergeRequest), nil
}

// ChangedPaths returns the paths of the files that a merge request changes, the old and the new one of a moved file.
func (p *Project) ChangedPaths(ctx context.Context, iid int64) ([]string, error) {
	options := &gitlab.ListMergeRequestDiffsOptions{ListOptions: pages()}
	diffs, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.MergeRequestDiff, *gitlab.Response, error) {
		return p.client.api.MergeRequests.ListMergeRequestDiffs(p.ID, iid, options, o...)
	})
	if err != nil {
		return nil, p.failed(fmt.Sprintf("list the files that merge request !%d changes", iid), resp, err)
	}
	var paths []string
	for _, diff := range diffs {
		paths = append(paths, diff.OldPath, diff.NewPath)
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

func requestOf(m gitlab.BasicMergeRequest) MergeRequest {
	request := MergeRequest{
		IID: m.IID, Title: m.Title, Description: m.Description, Labels: m.Labels, State: m.State,
		SourceBranch: m.SourceBranch, TargetBranch: m.TargetBranch, SourceProjectID: m.SourceProjectID,
		HasConflicts: m.HasConflicts, WebURL: m.WebURL,
	}
	if m.Author != nil {
		request.Author = m.Author.Username
	}
	return request
}
