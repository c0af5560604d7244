package github

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Estate is what there is on GitHub, as a case writes it down.
type Estate struct {
	// Tokens are those that may read everything. Others are refused.
	Tokens []string `json:"tokens"`
	// Repositories by OWNER/NAME.
	Repositories map[string]Repository `json:"repositories,omitempty"`
}

// Repository is one repository.
type Repository struct {
	// DefaultBranch is the ref that is meant where a request names none.
	DefaultBranch string `json:"defaultBranch,omitempty"`
	// Refs are branches, tags and commits without a history, each with the content of its files by their paths.
	Refs map[string]map[string]string `json:"refs,omitempty"`
	// Heads are branches and tags by name, each with the commit that it stands at.
	Heads map[string]string `json:"heads,omitempty"`
	// Commits by their full names.
	Commits map[string]Commit `json:"commits,omitempty"`
}

// Throttle turns away a number of requests, as GitHub does when a token is over its limit.
type Throttle struct {
	Requests int
	// RetryAfter is in seconds.
	RetryAfter int
	// Secondary is the limit of requests at once, which is answered with 429.
	Secondary bool
}

// ParseEstate reads an estate from YAML. An unknown key, an estate without a token, and a repository without an owner are
// errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("github estate: %w", err)
	}
	var errs []error
	if len(estate.Tokens) == 0 {
		errs = append(errs, errors.New("github estate: there are no tokens: add one"))
	}
	for _, name := range slices.Sorted(maps.Keys(estate.Repositories)) {
		if owner, repository, _ := strings.Cut(name, "/"); owner == "" || repository == "" {
			errs = append(errs, fmt.Errorf("github estate: %q is no repository: write OWNER/NAME", name))
		}
		errs = append(errs, estate.Repositories[name].faults(name)...)
	}
	return estate, errors.Join(errs...)
}

func (r Repository) faults(name string) []error {
	var errs []error
	for _, head := range slices.Sorted(maps.Keys(r.Heads)) {
		if !r.has(r.Heads[head]) {
			errs = append(errs, fmt.Errorf("github estate: %s of %s stands at %q, which is not in its commits: add it", head, name, r.Heads[head]))
		}
	}
	for _, commit := range slices.Sorted(maps.Keys(r.Commits)) {
		if !commitName.MatchString(commit) {
			errs = append(errs, fmt.Errorf("github estate: %s has the commit %q: write 40 hexadecimal digits", name, commit))
		}
		if parent := r.Commits[commit].Parent; parent != "" && !r.has(parent) {
			errs = append(errs, fmt.Errorf("github estate: commit %s of %s came from %q, which is not in its commits: add it", commit, name, parent))
		}
	}
	return errs
}

func (r Repository) has(commit string) bool {
	_, known := r.Commits[commit]
	return known
}

func (e Estate) clone() Estate {
	e.Tokens, e.Repositories = slices.Clone(e.Tokens), maps.Clone(e.Repositories)
	for name, repository := range e.Repositories {
		repository.Refs = maps.Clone(repository.Refs)
		for ref, files := range repository.Refs {
			repository.Refs[ref] = maps.Clone(files)
		}
		repository.Heads, repository.Commits = maps.Clone(repository.Heads), maps.Clone(repository.Commits)
		e.Repositories[name] = repository
	}
	return e
}
