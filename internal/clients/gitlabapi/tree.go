package gitlabapi

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/symlinks"
)

const (
	// mostFiles bounds the files of a tree, each of which is a request. GitLab gives out five archives a minute.
	mostFiles = 1000
	// filesAtOnce is how many of them are read at a time.
	filesAtOnce = 8
)

// Tree returns all files below a folder at a commit, by their paths from the root of the repository, symbolic links followed;
// of the whole repository where the folder is empty. It is Missing where the commit or the folder is not there, and Invalid for
// a folder of more than a thousand files.
func (r *Repository) Tree(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	entries, err := r.list(ctx, folder, commit, true)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("read folder %q at %s", strings.Trim(folder, "/"), commit)
	if len(entries) > mostFiles {
		return nil, r.failed(what, nil, apierr.Errorf(apierr.Invalid, "it holds more than %d files: name a smaller folder", mostFiles))
	}
	var mu sync.Mutex
	files, links := map[string][]byte{}, map[string]string{}
	reads, reading := errgroup.WithContext(ctx)
	reads.SetLimit(filesAtOnce)
	for _, entry := range entries {
		if entry.Folder {
			continue
		}
		reads.Go(func() error {
			content, err := r.File(reading, entry.Path, commit)
			mu.Lock()
			defer mu.Unlock()
			if entry.Link {
				links[entry.Path] = string(content)
			} else {
				files[entry.Path] = content
			}
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	if err := symlinks.Resolve(files, links); err != nil {
		return nil, r.failed(what, nil, err)
	}
	return files, nil
}
