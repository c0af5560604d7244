package githubapi

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v88/github"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/symlinks"
)

const (
	// archiveTimeout is the deadline of the download of an archive.
	archiveTimeout = 5 * time.Minute
	// mostArchive bounds what is read of an archive, unpacked, and mostTree what is kept of it, in bytes.
	mostArchive = 4 << 30
	mostTree    = 64 << 20
)

// Tree returns all files below a folder at a commit, by their paths from the root of the repository, symbolic links followed;
// of the whole repository where the folder is empty. It takes two requests, however many files there are. It is Missing where
// the commit or the folder is not there. Nobody may change what it returns.
func (r *Repository) Tree(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	folder = strings.Trim(folder, "/")
	what := fmt.Sprintf("read folder %q at %s", folder, commit)
	if err := checkCommit(commit); err != nil {
		return nil, r.failed(what, err)
	}
	read := func(ctx context.Context) (map[string][]byte, error) {
		files, err := r.unpack(ctx, folder, commit)
		if err != nil {
			return nil, r.failed(what, err)
		}
		return files, nil
	}
	return remembered(ctx, r, treeSize, read, "tree", commit, folder)
}

func treeSize(files map[string][]byte) int {
	size := 0
	for path, content := range files {
		size += len(path) + len(content) + 64
	}
	return size
}

// unpack downloads the archive of a commit.
func (r *Repository) unpack(ctx context.Context, folder, commit string) (map[string][]byte, error) {
	link, resp, err := r.client.api.Repositories.GetArchiveLink(ctx, r.owner, r.name, github.Tarball, &github.RepositoryContentGetOptions{Ref: commit}, 3)
	if err != nil {
		if resp != nil && resp.StatusCode >= http.StatusBadRequest {
			refused := &github.ErrorResponse{Response: resp.Response}
			return nil, apierr.FromResponse(resp.Response, errors.New(explain(refused)))
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, archiveTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link.String(), nil)
	if err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "the answer has no address of an archive")
	}
	// The address is that of another host, which lets in whoever knows it: it gets no token, and no error shows it.
	answer, err := r.client.outside.Do(req)
	if err != nil {
		var sending *url.Error
		if errors.As(err, &sending) {
			err = sending.Err
		}
		return nil, apierr.Errorf(apierr.Unavailable, "download the archive: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, apierr.FromResponse(answer, fmt.Errorf("download the archive: %s", answer.Status))
	}
	return untar(answer.Body, folder)
}

// untar reads the files below a folder from an archive, in which everything is below one more folder.
func untar(archive io.Reader, folder string) (map[string][]byte, error) {
	broken := func(err error) error {
		return apierr.Errorf(apierr.Unavailable, "the archive broke off, or is none: %w", err)
	}
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return nil, broken(err)
	}
	files, links, size := map[string][]byte{}, map[string]string{}, int64(0)
	for all := tar.NewReader(io.LimitReader(unzipped, mostArchive)); ; {
		header, err := all.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		_, name, _ := strings.Cut(header.Name, "/")
		if folder != "" && !strings.HasPrefix(name, folder+"/") {
			continue
		}
		switch header.Typeflag {
		case tar.TypeSymlink:
			links[name] = header.Linkname
		case tar.TypeReg:
			if size += header.Size; size > mostTree {
				return nil, apierr.Errorf(apierr.Invalid, "its files have more than %d MiB: name a smaller folder", mostTree>>20)
			}
			if files[name], err = io.ReadAll(all); err != nil {
				return nil, broken(err)
			}
		}
	}
	if len(files) == 0 {
		return nil, apierr.Errorf(apierr.Missing, "there is no such folder: correct the path")
	}
	return files, symlinks.Resolve(files, links)
}
