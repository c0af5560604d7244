package gitlab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// Estate is what there is in GitLab, as a case writes it down.
type Estate struct {
	// Instances by the name that stands in their URL.
	Instances map[string]Instance `json:"instances"`
}

// Instance is one GitLab.
type Instance struct {
	// Users by user name.
	Users map[string]User `json:"users,omitempty"`
	// Projects by their full path, such as service/app-interface.
	Projects map[string]Project `json:"projects,omitempty"`
	// Throttle is used up by requests and no part of a Dump.
	Throttle *Throttle `json:"throttle,omitempty"`
}

// User is an account, with the access token that it works with.
type User struct {
	Token string `json:"token,omitempty"`
	// ReadOnly is a token with the scope read_api alone.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// Throttle turns away a number of requests with 429.
type Throttle struct {
	Requests int `json:"requests"`
	// RetryAfter is in seconds; zero sends no header.
	RetryAfter int `json:"retryAfter,omitempty"`
}

// Project is a repository with its merge requests.
type Project struct {
	ID int64 `json:"id"`
	// DefaultBranch is master where it is empty.
	DefaultBranch string `json:"defaultBranch,omitempty"`
	// Members are the roles by user name: guest, reporter, developer, maintainer or owner. Who is no member sees nothing
	// of the project, unless it is public.
	Members  map[string]string `json:"members,omitempty"`
	Public   bool              `json:"public,omitempty"`
	Branches map[string]Branch `json:"branches,omitempty"`
	// Tags by name, each with the commit that it stands at.
	Tags map[string]string `json:"tags,omitempty"`
	// Commits by their full names, besides those that are made of what branches hold.
	Commits       map[string]Commit `json:"commits,omitempty"`
	MergeRequests []MergeRequest    `json:"mergeRequests,omitempty"`
}

// Branch is the tree at the head of a branch.
type Branch struct {
	// Protected branches take commits of maintainers only, are never forced and never deleted.
	Protected bool `json:"protected,omitempty"`
	// At is the one of the project's commits that the branch stands at, in place of files.
	At string `json:"at,omitempty"`
	// Files are the contents by path.
	Files map[string]string `json:"files,omitempty"`
	// Commits are the messages of the commits that the API made, the oldest first. They are an output only.
	Commits []string `json:"commits,omitempty"`
}

// Commit is a commit of a project's history.
type Commit struct {
	// Parent is the commit that it came from.
	Parent string `json:"parent,omitempty"`
	// At is when it was committed.
	At time.Time `json:"at,omitzero"`
	// Files are the contents by path.
	Files map[string]string `json:"files,omitempty"`
	// Links are those of the files that are symbolic links: their contents are where they lead to.
	Links []string `json:"links,omitempty"`
}

// MergeRequest is one merge request of the project that it merges into.
type MergeRequest struct {
	// IID is its number in the project.
	IID         int64    `json:"iid"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Labels      []string `json:"labels,omitempty"`
	// State is opened, closed, locked or merged; opened where it is empty.
	State        string `json:"state,omitempty"`
	SourceBranch string `json:"sourceBranch"`
	TargetBranch string `json:"targetBranch"`
	// SourceProject is the path of the fork that the source branch is in; empty is the same project.
	SourceProject      string `json:"sourceProject,omitempty"`
	Author             string `json:"author,omitempty"`
	Conflicts          bool   `json:"conflicts,omitempty"`
	RemoveSourceBranch bool   `json:"removeSourceBranch,omitempty"`
	Squash             bool   `json:"squash,omitempty"`
	Notes              []Note `json:"notes,omitempty"`
	// Pipelines are the runs of its checks, the oldest first.
	Pipelines []Pipeline `json:"pipelines,omitempty"`
}

// Note is a comment.
type Note struct {
	Author string `json:"author,omitempty"`
	Body   string `json:"body"`
	// System is a note that GitLab wrote.
	System bool `json:"system,omitempty"`
}

// ParseEstate reads an estate from YAML. An unknown key, a role or state that GitLab does not have, a merge request
// without its branches, and numbers used twice are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("gitlab estate: %w", err)
	}
	var errs []error
	for name, instance := range estate.Instances {
		ids := map[int64]string{}
		for path, project := range instance.Projects {
			at := fmt.Sprintf("gitlab estate: project %s in %s", path, name)
			if other, taken := ids[project.ID]; taken || project.ID <= 0 {
				errs = append(errs, fmt.Errorf("%s has the id %d: give it a number of its own, which %q has not", at, project.ID, other))
			}
			ids[project.ID] = path
			for _, err := range instance.faults(project) {
				errs = append(errs, fmt.Errorf("%s %w", at, err))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return estate, errors.Join(errs...)
}

func (i Instance) faults(project Project) []error {
	var errs []error
	for user, role := range project.Members {
		if _, ok := i.Users[user]; !ok {
			errs = append(errs, fmt.Errorf("has the member %s, who has no account: add it to users", user))
		}
		if accessLevels[role] == 0 {
			errs = append(errs, fmt.Errorf("has %s as %q: use guest, reporter, developer, maintainer or owner", user, role))
		}
	}
	errs = append(errs, project.historyFaults()...)
	iids := map[int64]bool{}
	for _, request := range project.MergeRequests {
		if request.IID <= 0 || iids[request.IID] {
			errs = append(errs, fmt.Errorf("has a merge request with the iid %d: give each its own number", request.IID))
		}
		iids[request.IID] = true
		if request.State != "" && !slices.Contains(states[:], request.State) {
			errs = append(errs, fmt.Errorf("has merge request %d with the state %q: use one of %v", request.IID, request.State, states))
		}
		if request.State != "" && request.State != "opened" {
			continue
		}
		source, known := project, true
		if request.SourceProject != "" {
			// The fork may be gone.
			source, known = i.Projects[request.SourceProject]
		}
		_, hasSource := source.Branches[request.SourceBranch]
		_, hasTarget := project.Branches[request.TargetBranch]
		if known && !hasSource || !hasTarget {
			errs = append(errs, fmt.Errorf("has merge request %d from %s to %s: add both branches", request.IID, request.SourceBranch, request.TargetBranch))
		}
	}
	return errs
}

// historyFaults are the commits that are named wrongly or not there.
func (p Project) historyFaults() []error {
	var errs []error
	missing := func(what, commit string) {
		if _, known := p.Commits[commit]; commit != "" && !known {
			errs = append(errs, fmt.Errorf("has %s at the commit %q: add it to commits", what, commit))
		}
	}
	for name, branch := range p.Branches {
		missing("the branch "+name, branch.At)
	}
	for name, commit := range p.Tags {
		missing("the tag "+name, commit)
	}
	for name, commit := range p.Commits {
		missing("the start of "+name, commit.Parent)
		if !commitName.MatchString(name) {
			errs = append(errs, fmt.Errorf("has the commit %q: write 40 hexadecimal digits", name))
		}
	}
	return errs
}

// clone returns a copy that shares nothing.
func (p Project) clone() Project {
	p.Members = maps.Clone(p.Members)
	branches := map[string]Branch{}
	for name, branch := range p.Branches {
		branch.Files, branch.Commits = maps.Clone(branch.Files), slices.Clone(branch.Commits)
		branches[name] = branch
	}
	p.Branches = branches
	p.Tags, p.Commits = maps.Clone(p.Tags), maps.Clone(p.Commits)
	requests := make([]MergeRequest, len(p.MergeRequests))
	for i, request := range p.MergeRequests {
		requests[i] = request.clone()
	}
	p.MergeRequests = requests
	return p
}

func (m MergeRequest) clone() MergeRequest {
	m.Labels, m.Notes, m.Pipelines = slices.Clone(m.Labels), slices.Clone(m.Notes), slices.Clone(m.Pipelines)
	return m
}
