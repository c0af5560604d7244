package github

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// compare answers with the commits that head has and base has not, the oldest first.
// Source: https://docs.github.com/rest/commits/commits#compare-two-commits
func (s *Server) compare(w http.ResponseWriter, r *http.Request, repository Repository, refs string) {
	from, to, _ := strings.Cut(refs, "...")
	base, _, hasBase := repository.find(from)
	head, _, hasHead := repository.find(to)
	if !hasBase || !hasHead {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	ofBase, ofHead := repository.line(base), repository.line(head)
	ahead := slices.DeleteFunc(slices.Clone(ofHead), func(name string) bool { return slices.Contains(ofBase, name) })
	behind := slices.DeleteFunc(slices.Clone(ofBase), func(name string) bool { return slices.Contains(ofHead, name) })
	status := "diverged"
	switch {
	case len(ahead) == 0 && len(behind) == 0:
		status = "identical"
	case len(behind) == 0:
		status = "ahead"
	case len(ahead) == 0:
		status = "behind"
	}
	if status == "diverged" && ofBase[len(ofBase)-1] != ofHead[len(ofHead)-1] {
		refuse(w, http.StatusNotFound, fmt.Sprintf("No common ancestor between %s and %s.", from, to))
		return
	}
	slices.Reverse(ahead)
	commits := []object{}
	for _, name := range s.page(w, r, ahead) {
		commits = append(commits, commitView(name, repository.Commits[name]))
	}
	s.counted++
	answer(w, http.StatusOK, object{
		"status": status, "ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead), "commits": commits, "files": []object{},
	})
}

// line is a commit with those that it came from.
func (r Repository) line(name string) []string {
	line := []string{name}
	for parent := r.Commits[name].Parent; parent != ""; parent = r.Commits[parent].Parent {
		line = append(line, parent)
	}
	return line
}

// page is a page of names, with the header that leads to the next one.
// Source: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
func (s *Server) page(w http.ResponseWriter, r *http.Request, names []string) []string {
	query := r.URL.Query()
	size, _ := strconv.Atoi(query.Get("per_page"))
	if size <= 0 || size > 100 {
		size = 100
	}
	number, _ := strconv.Atoi(query.Get("page"))
	number = max(number, 1)
	from := min((number-1)*size, len(names))
	to := min(from+size, len(names))
	if to < len(names) {
		query.Set("page", strconv.Itoa(number+1))
		next := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
		w.Header().Set("Link", fmt.Sprintf("<%s>; rel=\"next\"", next.String()))
	}
	return names[from:to]
}
