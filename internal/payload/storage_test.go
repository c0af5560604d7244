package payload_test

import (
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/payload"
)

// driver is the store as the SDK gets it.
func driver(t *testing.T, p *payload.Pipeline) converter.StorageDriver {
	t.Helper()
	options := client.Options{}
	p.Apply(&options)
	require.Len(t, options.ExternalStorage.Drivers, 1)
	return options.ExternalStorage.Drivers[0]
}

// permits counts what a driver asks leave for.
type permits[T any] struct {
	mu    sync.Mutex
	taken int
}

func (l *permits[T]) Permit(_ context.Context, _ T, run func() error) error {
	l.mu.Lock()
	l.taken++
	l.mu.Unlock()
	return run()
}

func storing(t *testing.T) converter.StorageDriverStoreContext {
	t.Helper()
	return converter.StorageDriverStoreContext{Context: t.Context(), Target: converter.StorageDriverWorkflowInfo{Namespace: "prod"}}
}

func retrieving(t *testing.T) converter.StorageDriverRetrieveContext {
	t.Helper()
	return converter.StorageDriverRetrieveContext{Context: t.Context()}
}

// objects are the files of a store in a folder.
func objects(t *testing.T, p *payload.Pipeline) []string {
	t.Helper()
	var all []string
	root := strings.TrimPrefix(p.Store(), "file://")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// stores are a folder and a bucket.
func stores(t *testing.T) map[string]*payload.Pipeline {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("payloads"))
	s3 := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(s3.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	bucket, err := payload.Open(t.Context(), payload.Options{
		Store: "s3://payloads?region=us-east-1&use_path_style=true&prefix=team-a/&endpoint=" + s3.URL,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	return map[string]*payload.Pipeline{"a folder": open(t), "an S3 bucket": bucket}
}

func TestWhatIsStoredComesBack(t *testing.T) {
	for name, p := range stores(t) {
		t.Run(name, func(t *testing.T) {
			d := driver(t, p)
			sent := []*common.Payload{encode(t, p, words(1<<20)), encode(t, p, words(2<<20)), encode(t, p, "small")}
			in, out := storing(t), retrieving(t)
			stored, retrieved := &permits[*common.Payload]{}, &permits[converter.StorageDriverClaim]{}
			in.Limiter, out.Limiter = stored, retrieved
			claims, err := d.Store(in, sent)
			require.NoError(t, err)
			again, err := d.Store(in, sent[:1])
			require.NoError(t, err)
			require.Equal(t, claims[:1], again)
			require.Equal(t, 4, stored.taken)
			require.Regexp(t, "^prod/"+time.Now().UTC().Format(time.DateOnly)+"/[0-9a-f]{64}$", claims[0].ClaimData["key"])

			back, err := d.Retrieve(out, claims)
			require.NoError(t, err)
			require.Equal(t, 3, retrieved.taken)
			for i := range sent {
				require.True(t, proto.Equal(sent[i], back[i]))
			}
			_, err = d.Retrieve(out, []converter.StorageDriverClaim{{ClaimData: map[string]string{"key": "prod/2026-01-01/beef"}}})
			require.ErrorContains(t, err, "prod/2026-01-01/beef is not in "+p.Store())
			require.ErrorContains(t, err, "every worker and starter needs the same store")
		})
	}
}

func TestRetriesDoNotMultiplyObjects(t *testing.T) {
	p := open(t)
	sent := []*common.Payload{encode(t, p, words(1<<20))}
	group := sync.WaitGroup{}
	for range 8 {
		group.Go(func() {
			_, err := driver(t, p).Store(storing(t), sent)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Len(t, objects(t, p), 1)
	info, err := os.Stat(filepath.Dir(objects(t, p)[0]))
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "payloads are nobody else's")
}

func TestTheOrderOfMetadataDoesNotMultiplyObjects(t *testing.T) {
	p := open(t)
	sent := []*common.Payload{{Metadata: map[string][]byte{}, Data: []byte(words(1 << 20))}}
	for _, name := range strings.Split("encoding encryption-key-id messageType", " ") {
		sent[0].Metadata[name] = []byte(name)
	}
	for range 20 {
		_, err := driver(t, p).Store(storing(t), sent)
		require.NoError(t, err)
	}
	require.Len(t, objects(t, p), 1)
}

func TestAnObjectThatWasChangedIsRefused(t *testing.T) {
	p := open(t)
	claims, err := driver(t, p).Store(storing(t), []*common.Payload{encode(t, p, words(1<<20))})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(objects(t, p)[0], []byte("something else"), 0o600))
	_, err = driver(t, p).Retrieve(retrieving(t), claims)
	require.ErrorContains(t, err, "is not what was stored")
}

func TestAStoreThatIsAwayIsNamed(t *testing.T) {
	p := stores(t)["a folder"]
	require.NoError(t, os.RemoveAll(strings.TrimPrefix(p.Store(), "file://")))
	require.NoError(t, os.WriteFile(strings.TrimPrefix(p.Store(), "file://"), nil, 0o600))
	_, err := driver(t, p).Store(storing(t), []*common.Payload{encode(t, p, "text")})
	require.ErrorContains(t, err, "in "+p.Store())
}
