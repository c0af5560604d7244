package mergerequest

import (
	"context"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// Open is an open request of a Kind, with the data of its description.
type Open struct {
	gitlabapi.MergeRequest
	Data map[string]string
}

// List returns the open requests of a Kind that are fit to be merged, and those that are not: they have a merge conflict,
// were made by another version, or have a description that cannot be read. The oldest come first. It only reads.
func (d *Direct) List(ctx context.Context, kind Kind) (fit []Open, unfit []Unfit, err error) {
	found, err := d.project.ListMergeRequests(ctx, gitlabapi.Filter{State: gitlabapi.Opened, Labels: []string{kind.Label}})
	if err != nil {
		return nil, nil, err
	}
	for _, request := range found {
		data, parsed := map[string]string(nil), error(nil)
		if kind.hasData() {
			data, parsed = kind.Parse(request.Description)
		}
		if reason := fault(request, parsed); reason != "" {
			unfit = append(unfit, Unfit{request, reason})
		} else {
			fit = append(fit, Open{request, data})
		}
	}
	return fit, unfit, nil
}

// Tidy closes the open requests of a Kind that are not fit to be merged. It returns their URLs; none where Allow does not
// allow closing.
func (d *Direct) Tidy(ctx context.Context, kind Kind) ([]string, error) {
	_, unfit, err := d.List(ctx, kind)
	if err != nil {
		return nil, err
	}
	return d.closeAll(ctx, unfit)
}

// closeAll returns the URLs of the closed; none where closing is not allowed.
func (d *Direct) closeAll(ctx context.Context, requests []Unfit) ([]string, error) {
	if !d.allow.Closing {
		return nil, nil
	}
	var closed []string
	for _, request := range requests {
		if err := d.Close(ctx, request.MergeRequest, request.Reason); err != nil {
			return closed, err
		}
		closed = append(closed, request.WebURL)
	}
	return closed, nil
}

// Close closes an open request with a comment, and deletes its branch. It may be repeated: the comment is written once,
// and the request is closed last, so that one that is not done is found among the open ones.
//
// Differs from the reference: the branch of a merge request that is closed is deleted only where it is the project's own
// and nobody protected it. The reference deletes the project's branch of that name also where the request comes from a
// fork. It closes first, and leaves the branch behind where it is killed after that.
func (d *Direct) Close(ctx context.Context, request gitlabapi.MergeRequest, comment string) error {
	if err := readonly.Check(ctx, fmt.Sprintf("close merge request !%d", request.IID)); err != nil {
		return err
	}
	written, err := d.project.ListComments(ctx, request.IID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(written, func(c gitlabapi.Comment) bool { return c.Body == comment }) {
		if err := d.project.AddComment(ctx, request.IID, comment); err != nil {
			return err
		}
	}
	if d.own(request) {
		if err := d.deleteSource(ctx, request.SourceBranch); err != nil {
			return err
		}
	}
	_, err = d.project.EditMergeRequest(ctx, request.IID, gitlabapi.Edit{Close: true})
	return err
}

func (d *Direct) deleteSource(ctx context.Context, name string) error {
	branch, err := d.project.Branch(ctx, name)
	switch {
	case apierr.Is(err, apierr.Missing):
		return nil
	case err != nil:
		return err
	case branch.Default || branch.Protected:
		return nil
	}
	return d.project.DeleteBranch(ctx, name)
}
