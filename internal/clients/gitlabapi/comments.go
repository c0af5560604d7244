package gitlabapi

import (
	"context"
	"fmt"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Comment is what a person or an account of ours wrote under a merge request.
type Comment struct {
	// ID is its number in the project.
	ID           int64
	Author, Body string
}

// ListComments returns the comments of a merge request, the oldest first, without the notes that GitLab itself leaves.
func (p *Project) ListComments(ctx context.Context, iid int64) ([]Comment, error) {
	options := &gitlab.ListMergeRequestNotesOptions{ListOptions: pages(), OrderBy: gitlab.Ptr("created_at"), Sort: gitlab.Ptr("asc")}
	notes, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.Note, *gitlab.Response, error) {
		return p.client.api.Notes.ListMergeRequestNotes(p.ID, iid, options, o...)
	})
	if err != nil {
		return nil, p.failed(fmt.Sprintf("list comments of merge request !%d", iid), resp, err)
	}
	comments := []Comment{}
	for _, note := range notes {
		if !note.System {
			comments = append(comments, Comment{ID: note.ID, Author: note.Author.Username, Body: note.Body})
		}
	}
	return comments, nil
}

// AddComment writes a comment under a merge request, once more each time it is called.
func (p *Project) AddComment(ctx context.Context, iid int64, body string) error {
	_, resp, err := p.client.api.Notes.CreateMergeRequestNote(p.ID, iid, &gitlab.CreateMergeRequestNoteOptions{Body: &body}, gitlab.WithContext(ctx))
	if err != nil {
		return p.failed(fmt.Sprintf("comment on merge request !%d", iid), resp, err)
	}
	return nil
}

// DeleteComment deletes a comment. One that is not there is success. GitLab lets authors and maintainers do it.
func (p *Project) DeleteComment(ctx context.Context, iid, id int64) error {
	resp, err := p.client.api.Notes.DeleteMergeRequestNote(p.ID, iid, id, gitlab.WithContext(ctx))
	if err == nil {
		return nil
	}
	if err = p.failed(fmt.Sprintf("delete comment %d of merge request !%d", id, iid), resp, err); apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}
