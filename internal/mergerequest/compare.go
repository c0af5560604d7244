package mergerequest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
)

// Reasons for which requests are closed, as the comment under them says.
const (
	conflicting = "Closing this merge request: it has a merge conflict."
	oldVersion  = "Closing this merge request: the program that manages it has another version now."
	unreadable  = "Closing this merge request: the description does not have the form that is needed to manage it."
	superseded  = "Closing this merge request: it is out of date."
	duplicate   = "Closing this merge request: another one for the same is open."
)

// Unfit is an open request to close, and why.
type Unfit struct {
	gitlabapi.MergeRequest
	// Reason is the comment to close it with.
	Reason string
}

// compare finds among the open requests the one that makes opening r needless, and those to close for it.
func (d *Direct) compare(ctx context.Context, r Request, open []gitlabapi.MergeRequest) (current *gitlabapi.MergeRequest, outdated []Unfit, err error) {
	var blocking *gitlabapi.MergeRequest
	for i, request := range open {
		verdict, err := d.judge(ctx, r, request)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case verdict == different:
		case verdict == inTheWay:
			blocking = cmp.Or(blocking, &open[i])
		case verdict == upToDate && current == nil:
			current = &open[i]
		case verdict == upToDate:
			outdated = append(outdated, Unfit{request, duplicate})
		default:
			outdated = append(outdated, Unfit{request, string(verdict)})
		}
	}
	return cmp.Or(current, blocking), outdated, nil
}

// verdict is what an open request is to another: one of these, or the reason to close it.
type verdict string

const (
	// different requests have nothing to do with each other.
	different verdict = "different"
	// inTheWay is a request that is not ours to close, and for which no second one is opened: it has the title, comes from
	// the branch, or changes the file.
	inTheWay verdict = "in the way"
	// upToDate is a request of the Kind with the same data.
	upToDate verdict = "up to date"
)

func (d *Direct) judge(ctx context.Context, r Request, request gitlabapi.MergeRequest) (verdict, error) {
	otherwise := different
	if request.Title == r.Title || d.own(request) && request.SourceBranch == r.branch() {
		otherwise = inTheWay
	}
	switch {
	case r.Kind == nil || !slices.Contains(request.Labels, r.Kind.Label):
		return otherwise, nil
	case r.Kind.hasData():
		return r.weigh(request, otherwise), nil
	case r.Touches == "" || otherwise == inTheWay:
		return otherwise, nil
	}
	paths, err := d.project.ChangedPaths(ctx, request.IID)
	if slices.Contains(paths, strings.TrimLeft(r.Touches, "/")) {
		otherwise = inTheWay
	}
	return otherwise, err
}

// weigh looks at the data of a request with the label of r's Kind.
func (r Request) weigh(request gitlabapi.MergeRequest, otherwise verdict) verdict {
	data, err := r.Kind.Parse(request.Description)
	switch {
	case err != nil && otherwise == inTheWay:
		return verdict(fault(request, err))
	case err != nil:
		// What it is for cannot be told. Tidy sees to it.
		return different
	case !slices.Equal(r.Kind.purpose(data), r.Kind.purpose(r.Data)):
		return otherwise
	case request.HasConflicts:
		return conflicting
	case !maps.Equal(data, r.Data):
		return superseded
	}
	return upToDate
}

// fault is the reason to close a request of a Kind whatever should be; empty where there is none.
func fault(request gitlabapi.MergeRequest, parsed error) string {
	switch {
	case request.HasConflicts:
		return conflicting
	case errors.Is(parsed, errVersion):
		return oldVersion
	case parsed != nil:
		return unreadable
	}
	return ""
}
