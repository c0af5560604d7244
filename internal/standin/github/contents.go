package github

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// mostShown is how large a file may be whose content is in the answer.
// Source: https://docs.github.com/rest/repos/contents
const mostShown = 1 << 20

// contents answers with a file, or with what a folder holds.
func (s *Server) contents(w http.ResponseWriter, r *http.Request, repository Repository, at string) {
	ref := r.URL.Query().Get("ref")
	if ref == "" {
		ref = repository.DefaultBranch
	}
	_, found, ok := repository.find(ref)
	files := found.Files
	if !ok {
		refuse(w, http.StatusNotFound, "No commit found for the ref "+ref)
		return
	}
	if content, isFile := files[at]; isFile {
		s.unlessKnown(w, r, blob(content), entry(at, content, true))
		return
	}
	entries := []object{}
	below := strings.TrimSuffix(at, "/") + "/"
	if at == "" {
		below = ""
	}
	last := ""
	for _, file := range slices.Sorted(maps.Keys(files)) {
		rest, inside := strings.CutPrefix(file, below)
		folder, _, deeper := strings.Cut(rest, "/")
		switch {
		case !inside, deeper && folder == last:
		case deeper:
			last = folder
			entries = append(entries, object{"type": "dir", "name": folder, "path": below + folder, "size": 0})
		default:
			entries = append(entries, entry(file, files[file], false))
		}
	}
	if len(entries) == 0 {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	s.counted++
	answer(w, http.StatusOK, entries)
}

// unlessKnown answers with 304 where the client has the version already, which does not count against the rate limit.
func (s *Server) unlessKnown(w http.ResponseWriter, r *http.Request, version string, body object) {
	etag := `W/"` + version + `"`
	w.Header().Set("Etag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.counted++
	answer(w, http.StatusOK, body)
}

// wholeBlob answers with the bytes of a file by git's name of them.
// Source: https://docs.github.com/rest/git/blobs#get-a-blob
func (s *Server) wholeBlob(w http.ResponseWriter, repository Repository, name string) {
	for _, content := range repository.contents() {
		if blob(content) == name {
			s.counted++
			w.Header().Set("Content-Type", "application/vnd.github.raw; charset=utf-8")
			_, _ = w.Write([]byte(content))
			return
		}
	}
	refuse(w, http.StatusNotFound, "Not Found")
}

// contents are those of all files of all commits.
func (r Repository) contents() []string {
	var all []string
	for _, files := range r.Refs {
		all = slices.AppendSeq(all, maps.Values(files))
	}
	for _, commit := range r.Commits {
		all = slices.AppendSeq(all, maps.Values(commit.Files))
	}
	return all
}

// treeName is a name made of what files hold.
func treeName(files map[string]string) string {
	var all strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		all.WriteString(path + " " + blob(files[path]) + "\n")
	}
	return blob(all.String())
}

// blob is git's name of a file's content.
func blob(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content)) //nolint:gosec // the algorithm is git's
	return hex.EncodeToString(sum[:])
}

func entry(at, content string, whole bool) object {
	made := object{"type": "file", "name": path.Base(at), "path": at, "sha": blob(content), "size": len(content)}
	switch {
	case !whole:
	case len(content) > mostShown:
		made["encoding"], made["content"] = "none", ""
	default:
		made["encoding"], made["content"] = "base64", lines(base64.StdEncoding.EncodeToString([]byte(content)))
	}
	return made
}

// lines is a text in lines of 60 characters, as GitHub sends it.
func lines(text string) string {
	var out strings.Builder
	for len(text) > 60 {
		out.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	return out.String() + text + "\n"
}
