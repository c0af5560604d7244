package gitlabapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// Pipeline is a run of the checks of a merge request.
type Pipeline struct {
	ID int64
	// Status is GitLab's word for how it goes: success, failed, running, pending, canceled and more.
	// Source: https://docs.gitlab.com/api/pipelines/
	Status    string
	CreatedAt time.Time
	WebURL    string
}

// States of pipelines.
const (
	PipelineSucceeded = "success"
	PipelineFailed    = "failed"
	PipelineRunning   = "running"
)

// ListPipelines returns the pipelines of a merge request, the newest first.
func (p *Project) ListPipelines(ctx context.Context, iid int64) ([]Pipeline, error) {
	found, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.PipelineInfo, *gitlab.Response, error) {
		return p.client.api.MergeRequests.ListMergeRequestPipelines(p.ID, iid, o...)
	})
	if err != nil {
		return nil, p.failed(fmt.Sprintf("list pipelines of merge request !%d", iid), resp, err)
	}
	pipelines := make([]Pipeline, len(found))
	for i, one := range found {
		pipelines[i] = Pipeline{ID: one.ID, Status: one.Status, WebURL: one.WebURL}
		if one.CreatedAt != nil {
			pipelines[i].CreatedAt = *one.CreatedAt
		}
	}
	slices.SortStableFunc(pipelines, func(a, b Pipeline) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return pipelines, nil
}
