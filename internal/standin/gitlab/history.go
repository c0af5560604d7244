package gitlab

import (
	"net/http"
	"slices"
	"time"
)

// getCommit answers with the commit that a branch, a tag or a name leads to.
// Source: https://docs.gitlab.com/api/commits/#retrieve-a-commit
func getCommit(c *call) response {
	found, known := c.project.at(c.PathValue("sha"))
	if !known {
		return notFound("Commit")
	}
	return ok(commitView(found))
}

func commitView(at commit) object {
	view := object{
		"id": at.id, "short_id": at.id[:8], "title": at.message, "message": at.message, "parent_ids": []string{},
		"committed_date": at.at.UTC().Format(time.RFC3339),
	}
	if at.parent != "" {
		view["parent_ids"] = []string{at.parent}
	}
	return view
}

// compare answers with the commits that one ref has and another has not, the oldest first.
// Source: https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits
func compare(c *call) response {
	from, hasFrom := c.project.at(c.URL.Query().Get("from"))
	to, hasTo := c.project.at(c.URL.Query().Get("to"))
	if !hasFrom || !hasTo {
		return notFound("Ref")
	}
	common := c.project.mergeBase(from, to)
	commits := []object{}
	for at := to; at.id != "" && at.id != common.id; at = c.project.commits[at.parent] {
		commits = append(commits, commitView(at))
	}
	slices.Reverse(commits)
	view := object{"commits": commits, "diffs": []object{}, "commit": nil, "compare_timeout": false, "compare_same_ref": from.id == to.id}
	if len(commits) > 0 {
		view["commit"] = commits[len(commits)-1]
	}
	return ok(view)
}

// mergeBase answers with the nearest commit that all refs have come from.
// Source: https://docs.gitlab.com/api/repositories/#merge-base
func mergeBase(c *call) response {
	refs := c.URL.Query()["refs[]"]
	if len(refs) < 2 {
		return invalidParameter("refs is invalid")
	}
	common, known := c.project.at(refs[0])
	for _, ref := range refs[1:] {
		at, also := c.project.at(ref)
		if known = known && also; !known {
			return refusal(http.StatusBadRequest, "Could not find ref: "+ref)
		}
		common = c.project.mergeBase(common, at)
	}
	if common.id == "" {
		return notFound("Merge Base")
	}
	return ok(commitView(common))
}
