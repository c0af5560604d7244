package github

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Commit is a commit of a repository's history.
type Commit struct {
	// Parent is the commit that it came from.
	Parent string `json:"parent,omitempty"`
	// At is when it was committed.
	At time.Time `json:"at,omitzero"`
	// Files are the contents by path.
	Files map[string]string `json:"files,omitempty"`
	// Links are symbolic links by path, with where they lead to from their folders. Archives have them.
	Links map[string]string `json:"links,omitempty"`
}

var commitName = regexp.MustCompile(`^[0-9a-f]{40}$`)

// at finds the commit that a ref stands for, with its name. What stands in Refs alone has a name made of what it holds, or is
// named as its ref.
func (r Repository) at(ref string) (string, Commit, bool) {
	if sha, isHead := r.Heads[ref]; isHead {
		ref = sha
	}
	if found, known := r.Commits[ref]; known {
		return ref, found, true
	}
	files, known := r.Refs[ref]
	if !known {
		return "", Commit{}, false
	}
	name := ref
	if !commitName.MatchString(ref) {
		name = treeName(files)
	}
	return name, Commit{Files: files}, true
}

// find is at, and knows besides the names of commits that only Refs lead to.
func (r Repository) find(ref string) (string, Commit, bool) {
	if name, found, known := r.at(ref); known {
		return name, found, true
	}
	for other := range r.Refs {
		if name, found, _ := r.at(other); name == ref {
			return name, found, true
		}
	}
	return "", Commit{}, false
}

// commit answers with a commit: with its name alone where the client wants no more.
// Source: https://docs.github.com/rest/commits/commits#get-a-commit
func (s *Server) commit(w http.ResponseWriter, r *http.Request, repository Repository, ref string) {
	name, found, known := repository.find(ref)
	if !known {
		refuse(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
		return
	}
	if !strings.Contains(r.Header.Get("Accept"), ".sha") {
		s.unlessKnown(w, r, name, commitView(name, found))
		return
	}
	etag := `"` + name + `"`
	w.Header().Set("Etag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.counted++
	w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
	_, _ = w.Write([]byte(name))
}

func commitView(name string, c Commit) object {
	parents := []object{}
	if c.Parent != "" {
		parents = append(parents, object{"sha": c.Parent})
	}
	who := object{"name": "Someone", "email": "someone@example.com", "date": c.At.UTC().Format(time.RFC3339)}
	return object{"sha": name, "parents": parents, "commit": object{"message": "Commit", "author": who, "committer": who}}
}
