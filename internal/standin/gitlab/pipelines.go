package gitlab

import (
	"fmt"
	"slices"
	"time"
)

// Pipeline is a run of the checks of a merge request.
type Pipeline struct {
	// Status is success, failed, running or another one of GitLab's.
	Status string `json:"status"`
	// At is when it was created.
	At time.Time `json:"at,omitzero"`
}

// listPipelines lists them by their numbers, the last one first.
// Source: https://docs.gitlab.com/api/merge_requests/#list-merge-request-pipelines
func listPipelines(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	type numbered struct {
		Pipeline
		id int64
	}
	var all []numbered
	for i, one := range request.Pipelines {
		all = append(all, numbered{one, request.IID*1000 + int64(i) + 1})
	}
	slices.Reverse(all)
	return page(c, all, func(one numbered) object {
		return object{
			"id": one.id, "project_id": c.project.ID, "status": one.Status, "ref": fmt.Sprintf("refs/merge-requests/%d/head", request.IID),
			"source": "merge_request_event", "created_at": one.At.UTC().Format(time.RFC3339),
			"web_url": fmt.Sprintf("%s/%s/-/pipelines/%d", c.instance.webURL(), c.project.path, one.id),
		}
	})
}
