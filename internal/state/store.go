// Package state keeps what integrations have to remember between runs and what other integrations read from them: a
// small value under a key, as a JSON object in a bucket. Bucket, keys and bodies are the reference's,
// state/<integration>/<key>, so that both systems can work on the same state.
//
// What a run has done belongs into its workflow's history. State is for what outlives runs: promotions, soak times, the
// names that are managed.
//
// A bucket is in S3 or in a folder. What each of them guarantees is said at Store.Update.
package state

import (
	"context"
	"encoding/json"
	"sort"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// root is the part of the bucket that holds state, in the reference's layout.
const root = "state/"

// parallelReads is how many values GetAll reads at a time.
const parallelReads = 8

// Store is the state of one integration. The store without an integration is the state of all: its keys begin with the
// integration, and it cannot be written to. A store is safe for concurrent use.
//
// Keys are text with slashes, such as account/user. Errors are classified (apierr) and name the integration and the
// key. Denied and Unavailable are the bucket's answers; Invalid is a bucket that is not there or not configured. Only a
// key that is not there is Missing. Writes are refused outside apply (internal/readonly).
type Store struct {
	backend     *Backend
	integration string
}

// Get returns the value and the metadata of a key; Missing where the key is not there.
//
// Differs from the reference: a body that is not JSON is Invalid. The reference takes it for a missing key and
// overwrites it.
func (s *Store) Get(ctx context.Context, key string) (Entry, error) {
	b, err := s.open(ctx, key)
	if err != nil {
		return Entry{}, err
	}
	found, err := s.read(ctx, b, key)
	return found.entry(), err
}

// Exists says whether the key is there.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	_, exists, err := s.Head(ctx, key)
	return exists, err
}

// Head returns the metadata of a key and whether it is there, without reading the value.
func (s *Store) Head(ctx context.Context, key string) (metadata map[string]string, exists bool, err error) {
	b, err := s.open(ctx, key)
	if err != nil {
		return nil, false, err
	}
	metadata, err = b.head(ctx, s.path(key))
	if err = s.failed("look up", key, err); apierr.Is(err, apierr.Missing) {
		return nil, false, nil
	}
	return metadata, err == nil, err
}

// List returns all keys, sorted.
//
// Differs from the reference: keys are as Get takes them. The reference lists them with a slash in front, which its
// callers take off again.
func (s *Store) List(ctx context.Context) ([]string, error) { return s.list(ctx, "") }

// GetAll returns the values of all keys below prefix, which is a whole part of a key (a/b stands for the keys a/b/...);
// all keys where it is empty. The result has the keys without the prefix. A key that is removed meanwhile is left out.
//
// Differs from the reference: there a/b also stands for a/bc and a/bc/d, and slashes within keys get lost where the
// prefix is empty.
func (s *Store) GetAll(ctx context.Context, prefix string) (map[string]Entry, error) {
	if prefix != "" {
		prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	keys, err := s.list(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	all := make(map[string]Entry, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, key := range keys {
		group.Go(func() error {
			found, err := s.Get(ctx, key)
			if apierr.Is(err, apierr.Missing) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all[strings.TrimPrefix(key, prefix)] = found
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}

// Add stores the value, as JSON, under a key that is not there yet. It is Conflict where it is: of several that add the
// same key at once one succeeds. Metadata may be nil.
func (s *Store) Add(ctx context.Context, key string, value any, metadata map[string]string) error {
	return s.put(ctx, key, value, metadata, condition{absent: true})
}

// Set stores the value, as JSON, and the metadata whether or not the key is there. The last of several writers wins;
// where the new value depends on the old one use Update.
func (s *Store) Set(ctx context.Context, key string, value any, metadata map[string]string) error {
	return s.put(ctx, key, value, metadata, condition{})
}

// Remove removes a key; Missing where it is not there.
func (s *Store) Remove(ctx context.Context, key string) error {
	b, err := s.openToWrite(ctx, "remove", key)
	if err != nil {
		return err
	}
	return s.failed("remove", key, b.remove(ctx, s.path(key)))
}

func (s *Store) put(ctx context.Context, key string, value any, metadata map[string]string, when condition) error {
	b, err := s.openToWrite(ctx, "write", key)
	if err != nil {
		return err
	}
	body, err := encode(value)
	if err == nil {
		err = checkMetadata(metadata)
	}
	if err == nil {
		err = b.write(ctx, s.path(key), object{body: body, metadata: metadata}, when)
	}
	return s.failed("write", key, err)
}

func (s *Store) list(ctx context.Context, prefix string) ([]string, error) {
	b, err := s.backend.open(ctx)
	if err != nil {
		return nil, err
	}
	paths, err := b.list(ctx, s.path(prefix))
	if err != nil {
		return nil, s.failed("list the keys of", "", err)
	}
	keys := make([]string, len(paths))
	for i, path := range paths {
		keys[i] = strings.TrimPrefix(path, s.path(""))
	}
	sort.Strings(keys)
	return keys, nil
}

// read returns the object of a key. A body that is not JSON is Invalid.
func (s *Store) read(ctx context.Context, b bucket, key string) (object, error) {
	found, err := b.read(ctx, s.path(key))
	if err == nil && !json.Valid(found.body) {
		err = apierr.Errorf(apierr.Invalid, "it is not JSON: mend it, or remove it with `starter state rm`")
	}
	if err != nil {
		return object{}, s.failed("read", key, err)
	}
	return found, nil
}

// path is the name of the object of a key.
func (s *Store) path(key string) string {
	if s.integration == "" {
		return root + key
	}
	return root + s.integration + "/" + key
}

func (s *Store) open(ctx context.Context, key string) (bucket, error) {
	if key == "" {
		return nil, apierr.Errorf(apierr.Invalid, "state of %s: a key is needed", s.integration)
	}
	return s.backend.open(ctx)
}

func (s *Store) openToWrite(ctx context.Context, verb, key string) (bucket, error) {
	if s.integration == "" {
		return nil, apierr.Errorf(apierr.Invalid, "%s state %s: name the integration that it is of", verb, key)
	}
	if err := readonly.Check(ctx, verb+" state "+s.path(key)); err != nil {
		return nil, err
	}
	return s.open(ctx, key)
}
