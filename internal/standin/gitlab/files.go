package gitlab

import (
	"cmp"
	"encoding/base64"
	"maps"
	"path"
	"slices"
	"strings"
)

// file finds a file at the commit that the parameter ref names; without one, at the default branch.
func (c *call) file() (commit, string, *response) {
	at, known := c.project.at(cmp.Or(c.URL.Query().Get("ref"), c.project.DefaultBranch))
	if !known {
		missing := notFound("Commit")
		return commit{}, "", &missing
	}
	content, known := at.files[c.PathValue("file")]
	if !known {
		missing := notFound("File")
		return commit{}, "", &missing
	}
	return at, content, nil
}

func getFile(c *call) response {
	if !c.URL.Query().Has("ref") {
		return invalidParameter("ref is missing")
	}
	at, content, refused := c.file()
	if refused != nil {
		return *refused
	}
	name := c.PathValue("file")
	return ok(object{
		"file_name": path.Base(name), "file_path": name, "size": len(content), "encoding": "base64",
		"content": base64.StdEncoding.EncodeToString([]byte(content)), "ref": c.URL.Query().Get("ref"),
		"commit_id": at.id, "last_commit_id": at.id,
	})
}

func getRawFile(c *call) response {
	_, content, refused := c.file()
	if refused != nil {
		return *refused
	}
	return response{status: 200, raw: []byte(content)}
}

// listTree lists the files, and where it is not recursive the folders, at one level.
func listTree(c *call) response {
	query := c.URL.Query()
	at, known := c.project.at(cmp.Or(query.Get("ref"), c.project.DefaultBranch))
	if !known {
		return notFound("Tree")
	}
	root := strings.Trim(query.Get("path"), "/")
	recursive := query.Get("recursive") == "true"
	kinds := map[string]string{}
	for name := range at.files {
		below, inside := name, true
		if root != "" {
			below, inside = strings.CutPrefix(name, root+"/")
		}
		if !inside {
			continue
		}
		parts := strings.Split(below, "/")
		for i := range parts {
			if i > 0 && !recursive {
				break
			}
			kind := "tree"
			if i == len(parts)-1 {
				kind = "blob"
			}
			kinds[path.Join(root, strings.Join(parts[:i+1], "/"))] = kind
		}
	}
	if len(kinds) == 0 && root != "" {
		return notFound("invalid revision or path")
	}
	// Folders come first.
	names := slices.SortedFunc(maps.Keys(kinds), func(a, b string) int {
		return cmp.Or(-strings.Compare(kinds[a], kinds[b]), strings.Compare(a, b))
	})
	return page(c, names, func(name string) object {
		mode := map[string]string{"tree": "040000", "blob": "100644"}[kinds[name]]
		if slices.Contains(at.links, name) {
			mode = "120000"
		}
		return object{"id": at.id, "name": path.Base(name), "path": name, "type": kinds[name], "mode": mode}
	})
}
