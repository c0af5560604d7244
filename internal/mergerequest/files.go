package mergerequest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
)

// FileChange is what a request does to one file.
type FileChange struct {
	path  string
	apply func(current []byte, exists bool) (after []byte, keep bool, err error)
}

// CreateFile adds a file. One that is there already must have the same content.
func CreateFile(path string, content []byte) FileChange {
	return FileChange{path, func(current []byte, exists bool) ([]byte, bool, error) {
		if exists && !bytes.Equal(current, content) {
			return nil, false, apierr.Errorf(apierr.Invalid, "%s exists with another content: it cannot be created", path)
		}
		return content, true, nil
	}}
}

// UpdateFile gives a file that must be there new content.
func UpdateFile(path string, content []byte) FileChange {
	return EditFile(path, func([]byte) ([]byte, error) { return content, nil })
}

// EditFile gives a file that must be there the content that edit makes of the current one. Edit may be called again, and
// must then make the same of the same.
func EditFile(path string, edit func(current []byte) ([]byte, error)) FileChange {
	return FileChange{path, func(current []byte, exists bool) ([]byte, bool, error) {
		if !exists {
			return nil, false, apierr.Errorf(apierr.Missing, "%s is not there: it cannot be changed; app-interface may be newer than its repository", path)
		}
		after, err := edit(current)
		return after, true, err
	}}
}

// DeleteFile removes a file. One that is not there is success.
//
// Differs from the reference: a merge request whose files to delete are gone, or whose files to create are there with the
// same content, goes on with the others. The reference breaks off.
func DeleteFile(path string) FileChange {
	return FileChange{path, func([]byte, bool) ([]byte, bool, error) { return nil, false, nil }}
}

// file is a file before and after the changes.
type file struct {
	before, after   []byte
	existed, exists bool
}

// read finds the files on the target branch that a request is about.
type read func(ctx context.Context, path string) (content []byte, exists bool, err error)

// difference returns what has to be done to the target branch, sorted by path; nothing where all of it is in. Several
// changes of one file build on each other.
func (r Request) difference(ctx context.Context, from read) ([]gitlabapi.FileAction, error) {
	for _, path := range r.Unless {
		if _, exists, err := from(ctx, strings.TrimLeft(path, "/")); err != nil || exists {
			return nil, err
		}
	}
	files := map[string]*file{}
	for _, change := range r.Files {
		path := strings.TrimLeft(change.path, "/")
		at, known := files[path]
		if !known {
			content, exists, err := from(ctx, path)
			if err != nil {
				return nil, err
			}
			at = &file{before: content, existed: exists, after: content, exists: exists}
			files[path] = at
		}
		after, exists, err := change.apply(at.after, at.exists)
		if err != nil {
			return nil, err
		}
		at.after, at.exists = after, exists
	}
	var actions []gitlabapi.FileAction
	for _, path := range slices.Sorted(maps.Keys(files)) {
		switch at := files[path]; {
		case at.exists && !at.existed:
			actions = append(actions, gitlabapi.FileAction{Action: gitlabapi.Create, Path: path, Content: at.after})
		case at.exists && !bytes.Equal(at.before, at.after):
			actions = append(actions, gitlabapi.FileAction{Action: gitlabapi.Update, Path: path, Content: at.after})
		case at.existed && !at.exists:
			actions = append(actions, gitlabapi.FileAction{Action: gitlabapi.Delete, Path: path})
		}
	}
	return actions, nil
}
