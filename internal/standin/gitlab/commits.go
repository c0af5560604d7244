package gitlab

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
)

var commitName = regexp.MustCompile(`^[0-9a-f]{40}$`)

type action struct {
	Action       string `json:"action"`
	FilePath     string `json:"file_path"`
	PreviousPath string `json:"previous_path"`
	Content      string `json:"content"`
	Encoding     string `json:"encoding"`
}

type commitParameters struct {
	Branch        string   `json:"branch"`
	CommitMessage string   `json:"commit_message"`
	StartBranch   string   `json:"start_branch"`
	StartSHA      string   `json:"start_sha"`
	Force         bool     `json:"force"`
	Actions       []action `json:"actions"`
}

// createCommit carries all actions out in one commit or none. With a start it makes the branch; with force besides, it
// moves a branch that is there.
func createCommit(c *call) response {
	var p commitParameters
	if err := json.NewDecoder(c.Body).Decode(&p); err != nil {
		return invalidParameter("The request body is not JSON")
	}
	switch {
	case p.Branch == "":
		return invalidParameter("branch is missing")
	case p.CommitMessage == "":
		return invalidParameter("commit_message is missing")
	case p.Actions == nil:
		return invalidParameter("actions is missing")
	}
	if !c.mayPush(p.Branch) {
		return refusal(http.StatusBadRequest, "You are not allowed to push into this branch")
	}
	from, err := c.start(p)
	if err == nil {
		var files map[string]string
		if files, err = carryOut(from.files, p.Actions); err == nil {
			return created(commitView(c.push(p, commit{parent: from.id, message: p.CommitMessage, files: files})))
		}
	}
	return refusal(http.StatusBadRequest, err.Error())
}

func (c *call) push(p commitParameters, made commit) commit {
	id := c.project.add(made)
	moved := c.project.heads[p.Branch]
	if p.StartBranch != "" || p.StartSHA != "" {
		moved.messages = nil
	}
	moved.commit, moved.messages = id, append(moved.messages, p.CommitMessage)
	c.project.heads[p.Branch] = moved
	return c.project.commits[id]
}

// start finds the commit to build on.
func (c *call) start(p commitParameters) (commit, error) {
	current, exists := c.project.heads[p.Branch]
	elsewhere := p.StartSHA != "" || p.StartBranch != "" && p.StartBranch != p.Branch
	switch {
	case p.StartSHA != "" && p.StartBranch != "":
		return commit{}, said("You can't pass both start_branch and start_sha")
	case p.StartSHA != "" && !commitName.MatchString(p.StartSHA):
		return commit{}, saying("Invalid start_sha '%s'", p.StartSHA)
	case elsewhere && exists && !p.Force:
		return commit{}, saying("A branch called '%s' already exists. Switch to that branch in order to make changes", p.Branch)
	case elsewhere && exists && current.protected:
		return commit{}, said("You are not allowed to force push code to a protected branch on this project.")
	case elsewhere && !validBranch(p.Branch):
		return commit{}, saying("Something went wrong when we tried to create '%s' for you: Branch name is invalid", p.Branch)
	}
	if p.StartSHA != "" {
		found, ok := c.project.commits[p.StartSHA]
		if !ok {
			return commit{}, saying("Cannot find start_sha '%s'", p.StartSHA)
		}
		return found, nil
	}
	ref := p.Branch
	if p.StartBranch != "" {
		ref = p.StartBranch
	}
	at, exists := c.project.heads[ref]
	if !exists {
		return commit{}, said("You can only create or edit files when you are on a branch")
	}
	return c.project.commits[at.commit], nil
}

// carryOut returns the files after the actions, in their order.
func carryOut(files map[string]string, actions []action) (map[string]string, error) {
	after := maps.Clone(files)
	if after == nil {
		after = map[string]string{}
	}
	for _, a := range actions {
		if err := a.apply(after); err != nil {
			return nil, err
		}
	}
	return after, nil
}

func (a action) apply(files map[string]string) error {
	content := a.Content
	if a.Encoding == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			return said("invalid base64")
		}
		content = string(decoded)
	}
	path := strings.TrimPrefix(a.FilePath, "/")
	switch {
	case path == "":
		return said("You must provide a file path")
	case strings.Contains("/"+path+"/", "/../"):
		return said("Path cannot include directory traversal")
	}
	_, exists := files[path]
	switch a.Action {
	case "create":
		if exists {
			return said("A file with this name already exists")
		}
		files[path] = content
	case "update":
		if !exists {
			return errMissingFile
		}
		files[path] = content
	case "delete":
		if !exists {
			return errMissingFile
		}
		delete(files, path)
	case "move":
		before, found := files[a.PreviousPath]
		if !found {
			return errMissingFile
		}
		if exists {
			return said("A file with this name already exists")
		}
		if a.Content == "" {
			content = before
		}
		delete(files, a.PreviousPath)
		files[path] = content
	default:
		return saying("Unknown action '%s'", a.Action)
	}
	return nil
}

// said is an error in GitLab's own words.
type said string

func (s said) Error() string { return string(s) }

func saying(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }

const errMissingFile = said("A file with this name doesn't exist")
