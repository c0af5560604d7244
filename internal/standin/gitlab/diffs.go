package gitlab

import (
	"maps"
	"slices"
)

// listDiffs lists the files that the source branch has changed since it left the target branch.
func listDiffs(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	changed := map[string]object{}
	if source, base, known := c.ends(*request); known {
		for path, content := range source.files {
			if before, had := base.files[path]; !had || before != content {
				changed[path] = object{"old_path": path, "new_path": path, "new_file": !had, "deleted_file": false, "renamed_file": false, "diff": ""}
			}
		}
		for path := range base.files {
			if _, has := source.files[path]; !has {
				changed[path] = object{"old_path": path, "new_path": path, "new_file": false, "deleted_file": true, "renamed_file": false, "diff": ""}
			}
		}
	}
	return page(c, slices.Sorted(maps.Keys(changed)), func(path string) object { return changed[path] })
}

// ends returns the heads that a diff lies between. A fork's commits have no common base here, and are compared with the
// target branch.
func (c *call) ends(m MergeRequest) (source, base commit, known bool) {
	from := c.source(m)
	base, hasTarget := c.project.at(m.TargetBranch)
	if from == nil || !hasTarget {
		return commit{}, commit{}, false
	}
	source, known = from.at(m.SourceBranch)
	if from == c.project {
		base = c.project.mergeBase(base, source)
	}
	return source, base, known
}
