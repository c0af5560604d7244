package gitlabapi

import (
	"context"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// What is done to a file in a commit.
const (
	Create = "create"
	Update = "update"
	Delete = "delete"
	Move   = "move"
)

// FileAction is what a commit does to one file.
type FileAction struct {
	Action string
	Path   string
	// PreviousPath is where a moved file comes from.
	PreviousPath string
	// Content is the whole file, for Create and Update; for Move it may be nil, which keeps what is there.
	Content []byte
}

// Commit is a commit to make.
type Commit struct {
	Branch, Message string
	// Start is the commit to build on, where Branch is to be made, or to be moved with all that is on it lost. Where it is
	// empty, the commit goes on top of the branch, which must be there.
	Start   string
	Actions []FileAction
}

// Commit makes a commit with all of its actions, or none, and returns its name. A file to create that exists, and one to
// update, move or delete that does not, is Invalid. With a Start it may be repeated: branch and commit are made in one
// step.
func (p *Project) Commit(ctx context.Context, c Commit) (string, error) {
	options := &gitlab.CreateCommitOptions{Branch: &c.Branch, CommitMessage: &c.Message, Actions: []*gitlab.CommitActionOptions{}}
	if c.Start != "" {
		options.StartSHA, options.Force = &c.Start, gitlab.Ptr(true)
	}
	for _, action := range c.Actions {
		options.Actions = append(options.Actions, optionsOf(action))
	}
	made, resp, err := p.client.api.Commits.CreateCommit(p.ID, options, gitlab.WithContext(ctx))
	if err != nil {
		return "", p.failed(fmt.Sprintf("commit %s to branch %s", named(c.Actions), c.Branch), resp, err)
	}
	return made.ID, nil
}

func optionsOf(a FileAction) *gitlab.CommitActionOptions {
	options := &gitlab.CommitActionOptions{Action: gitlab.Ptr(gitlab.FileActionValue(a.Action)), FilePath: &a.Path}
	if a.PreviousPath != "" {
		options.PreviousPath = &a.PreviousPath
	}
	switch {
	case a.Action == Delete || a.Content == nil && a.Action == Move:
	case utf8.Valid(a.Content):
		options.Content = gitlab.Ptr(string(a.Content))
	default:
		options.Content, options.Encoding = gitlab.Ptr(base64.StdEncoding.EncodeToString(a.Content)), gitlab.Ptr("base64")
	}
	return options
}

// named says which files a commit changes, in few words.
func named(actions []FileAction) string {
	switch len(actions) {
	case 0:
		return "nothing"
	case 1:
		return actions[0].Path
	default:
		return fmt.Sprintf("%s and %d more", actions[0].Path, len(actions)-1)
	}
}
