package githubapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v88/github"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Entry is what a folder holds.
type Entry struct {
	// Path is from the root of the repository.
	Path string
	// Folder says that it is no file.
	Folder bool
}

// mostEntries is how many entries of a folder GitHub tells.
// Source: https://docs.github.com/rest/repos/contents
const mostEntries = 1000

// File returns a file at a commit. It is Missing where the commit or the file is not there, and Invalid for what is no file.
func (r *Repository) File(ctx context.Context, path, commit string) ([]byte, error) {
	path = strings.Trim(path, "/")
	what := fmt.Sprintf("read %s at %s", path, commit)
	if err := checkCommit(commit); err != nil {
		return nil, r.failed(what, err)
	}
	read := func(ctx context.Context) ([]byte, error) {
		content, err := r.content(ctx, path, commit)
		if err != nil {
			return nil, r.failed(what, err)
		}
		return content, nil
	}
	return remembered(ctx, r, func(content []byte) int { return len(content) }, read, "file", commit, path)
}

func (r *Repository) content(ctx context.Context, path, commit string) ([]byte, error) {
	file, folder, _, err := r.client.api.Repositories.GetContents(ctx, r.owner, r.name, path, &github.RepositoryContentGetOptions{Ref: commit})
	switch {
	case err != nil:
		return nil, err
	case folder != nil:
		return nil, apierr.Errorf(apierr.Invalid, "it is a folder: name a file in it")
	case file.GetType() != "file":
		return nil, apierr.Errorf(apierr.Invalid, "it is a %s and no file: name a file", file.GetType())
	case file.GetEncoding() == "none":
		// A file of more than a MiB is not in the answer.
		blob, _, err := r.client.api.Git.GetBlobRaw(ctx, r.owner, r.name, file.GetSHA())
		return blob, err
	}
	content, err := file.GetContent()
	if err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "the answer is not what GitHub's API sends: %w", err)
	}
	return []byte(content), nil
}

// Folder returns what a folder holds at a commit, in the order of names, and nothing of the folders in it. It is Missing
// where the commit or the folder is not there, and Invalid for what is no folder, or holds more than GitHub tells.
func (r *Repository) Folder(ctx context.Context, path, commit string) ([]Entry, error) {
	path = strings.Trim(path, "/")
	what := fmt.Sprintf("list folder %q at %s", path, commit)
	if err := checkCommit(commit); err != nil {
		return nil, r.failed(what, err)
	}
	read := func(ctx context.Context) ([]Entry, error) {
		file, listed, _, err := r.client.api.Repositories.GetContents(ctx, r.owner, r.name, path, &github.RepositoryContentGetOptions{Ref: commit})
		switch {
		case err != nil:
		case file != nil:
			err = apierr.Errorf(apierr.Invalid, "it is a %s and no folder: name a folder", file.GetType())
		case len(listed) >= mostEntries:
			err = apierr.Errorf(apierr.Invalid, "it holds %d files or more, of which GitHub may not tell all: split the folder", mostEntries)
		}
		if err != nil {
			return nil, r.failed(what, err)
		}
		entries := make([]Entry, len(listed))
		for i, one := range listed {
			entries[i] = Entry{Path: one.GetPath(), Folder: one.GetType() != "file" && one.GetType() != "symlink"}
		}
		return entries, nil
	}
	return remembered(ctx, r, entriesSize, read, "folder", commit, path)
}

func entriesSize(entries []Entry) int {
	size := 0
	for _, entry := range entries {
		size += len(entry.Path) + 24
	}
	return size
}
