package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// lockFile stands beside the folder state, so that no key can be its path.
	lockFile = ".lock"
	// lockPoll is how often the lock is tried while another process has it.
	lockPoll = 2 * time.Millisecond
	// folderMode keeps state from other users, as a bucket does.
	folderMode = 0o700
)

// leftover is a file that a write left behind when its process was killed. The library names them so.
var leftover = regexp.MustCompile(`\.[0-9a-f]{16}\.tmp$`)

// folderBucket is a folder of this machine: a file for each key, its metadata in a second one beside it. A key cannot be
// both a value and the beginning of another key (a and a/b), which S3 allows.
type folderBucket struct {
	blob *blob.Bucket
	lock string
	// turn is the lock among the goroutines of this process.
	turn chan struct{}
}

// openFolder opens a folder, and makes it where it is not there.
func openFolder(folder string) (bucket, error) {
	opened, err := fileblob.OpenBucket(folder, &fileblob.Options{CreateDir: true, DirFileMode: folderMode, NoTempDir: true})
	if err != nil {
		return nil, err
	}
	return &folderBucket{blob: opened, lock: filepath.Join(folder, lockFile), turn: make(chan struct{}, 1)}, nil
}

// locked does the work while no other goroutine and no other process works on the folder. Reads are locked too: value
// and metadata are two files.
func (b *folderBucket) locked(ctx context.Context, work func() error) error {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	lock := flock.New(b.lock)
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return err
	}
	err := work()
	if unlocked := lock.Close(); err == nil {
		err = unlocked
	}
	return err
}

func (b *folderBucket) read(ctx context.Context, path string) (found object, err error) {
	err = b.locked(ctx, func() error {
		found, err = b.load(ctx, path)
		return err
	})
	return found, err
}

// load reads an object. Its version is a digest, since two writes may have the same time.
func (b *folderBucket) load(ctx context.Context, path string) (object, error) {
	body, err := content(ctx, b.blob, path, nil)
	if err != nil {
		return object{}, err
	}
	metadata, err := attributes(ctx, b.blob, path)
	if err != nil {
		return object{}, err
	}
	whole, err := json.Marshal([]any{body, metadata})
	if err != nil {
		return object{}, err
	}
	digest := sha256.Sum256(whole)
	return object{body: body, metadata: metadata, version: hex.EncodeToString(digest[:])}, nil
}

func (b *folderBucket) head(ctx context.Context, path string) (metadata map[string]string, err error) {
	err = b.locked(ctx, func() error {
		metadata, err = attributes(ctx, b.blob, path)
		return err
	})
	return metadata, err
}

func (b *folderBucket) write(ctx context.Context, path string, o object, when condition) error {
	return b.locked(ctx, func() error {
		if err := b.check(ctx, path, when); err != nil {
			return err
		}
		return put(ctx, b.blob, path, o, blob.WriterOptions{})
	})
}

// check returns a Conflict where the condition does not hold.
func (b *folderBucket) check(ctx context.Context, path string, when condition) error {
	if !when.absent && when.version == "" {
		return nil
	}
	found, err := b.load(ctx, path)
	missing := gcerrors.Code(err) == gcerrors.NotFound
	switch {
	case err != nil && !missing:
		return err
	case when.absent && !missing:
		return apierr.Errorf(apierr.Conflict, "it is there already")
	case when.version != "" && found.version != when.version:
		return apierr.Errorf(apierr.Conflict, "another writer changed it meanwhile")
	}
	return nil
}

func (b *folderBucket) remove(ctx context.Context, path string) error {
	return b.locked(ctx, func() error { return b.blob.Delete(ctx, path) })
}

// list asks for pages that grow until one holds everything: the library's order is not that of its page tokens, and
// keys between two pages may get lost.
func (b *folderBucket) list(ctx context.Context, prefix string) (paths []string, err error) {
	err = b.locked(ctx, func() error {
		for size := pageSize; ; size *= 4 {
			page, next, err := b.blob.ListPage(ctx, blob.FirstPageToken, size, &blob.ListOptions{Prefix: prefix})
			if err != nil {
				return fmt.Errorf("read the folder: %w", err)
			}
			if len(next) > 0 {
				continue
			}
			for _, path := range names(page) {
				if !leftover.MatchString(path) {
					paths = append(paths, path)
				}
			}
			return nil
		}
	})
	return paths, err
}
