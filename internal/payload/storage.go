package payload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// inline is the size, compressed and encrypted, from which on a payload is kept in the store. The two states of a
	// scope stand five times in the history of its run, so that a run with nothing to do stays under 60 KiB.
	inline = 8 << 10
	// driverName stands in histories; changing it makes them unreadable.
	driverName = "blob"
	// objectTimeout is how long one request to the store may take.
	objectTimeout = time.Minute
	// claimKey is the field of a claim that holds the object's key. A claim does not name the store, so that the
	// objects can be moved to another one.
	claimKey = "key"
)

// storage keeps large payloads in a bucket, as <namespace>/<day>/<sha256 of the payload>. A payload that is stored
// again, by a retry or because a workflow passes it on, is the same object. The day, which is that of the first time,
// bounds how long an object is used anew: rules of the bucket that delete by age need not know about later uses.
type storage struct {
	url    string
	bucket *blob.Bucket
}

// Folder is the URL of a store in a folder of this machine, whose path is absolute.
func Folder(path string) string {
	return (&url.URL{Scheme: fileblob.Scheme, Path: filepath.ToSlash(path)}).String()
}

// openStorage opens the bucket; "" stands for a folder in the user's cache.
func openStorage(ctx context.Context, address string) (*storage, error) {
	if address == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, invalid("there is no folder for large payloads: %w; set %s to file:///folder or s3://bucket", err, EnvStore)
		}
		address = Folder(filepath.Join(cache, "qontract-temporal", "payloads"))
	}
	openers := &blob.URLMux{}
	openers.RegisterBucket(fileblob.Scheme, &fileblob.URLOpener{Options: fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	}})
	openers.RegisterBucket(s3blob.Scheme, &s3blob.URLOpener{})
	bucket, err := openers.OpenBucket(ctx, address)
	if err != nil {
		return nil, invalid("the store of large payloads %s: %w; set %s to file:///folder or s3://bucket", address, err, EnvStore)
	}
	return &storage{url: address, bucket: bucket}, nil
}

// Name implements converter.StorageDriver.
func (*storage) Name() string { return driverName }

// Type implements converter.StorageDriver.
func (*storage) Type() string { return "gocloud.dev/blob" }

// Store implements converter.StorageDriver.
func (s *storage) Store(ctx converter.StorageDriverStoreContext, payloads []*common.Payload) ([]converter.StorageDriverClaim, error) {
	claims := make([]converter.StorageDriverClaim, len(payloads))
	prefix := path.Join(namespaceOf(ctx.Target), time.Now().UTC().Format(time.DateOnly))
	group, within := errgroup.WithContext(ctx.Context)
	for i, payload := range payloads {
		group.Go(func() error {
			// Metadata is a map: in any other order the same payload would be another object.
			data, err := proto.MarshalOptions{Deterministic: true}.Marshal(payload)
			if err != nil {
				return fmt.Errorf("store a payload: %w", err)
			}
			sum := sha256.Sum256(data)
			key := path.Join(prefix, hex.EncodeToString(sum[:]))
			claims[i].ClaimData = map[string]string{claimKey: key}
			return ctx.GetLimiter().Permit(within, payload, func() error { return s.write(within, key, data) })
		})
	}
	return claims, group.Wait()
}

// write writes an object that is not there yet.
func (s *storage) write(ctx context.Context, key string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, objectTimeout)
	defer cancel()
	there, err := s.bucket.Exists(ctx, key)
	if err == nil && !there {
		err = s.bucket.WriteAll(ctx, key, data, &blob.WriterOptions{ContentType: "application/x-protobuf"})
	}
	if err != nil {
		return apierr.New(apierr.Unavailable, fmt.Errorf("store the payload %s in %s: %w", key, s.url, err))
	}
	return nil
}

// Retrieve implements converter.StorageDriver.
func (s *storage) Retrieve(ctx converter.StorageDriverRetrieveContext, claims []converter.StorageDriverClaim) ([]*common.Payload, error) {
	payloads := make([]*common.Payload, len(claims))
	group, within := errgroup.WithContext(ctx.Context)
	for i, claim := range claims {
		group.Go(func() error {
			return ctx.GetLimiter().Permit(within, claim, func() error {
				payload, err := s.read(within, claim.ClaimData[claimKey])
				payloads[i] = payload
				return err
			})
		})
	}
	return payloads, group.Wait()
}

func (s *storage) read(ctx context.Context, key string) (*common.Payload, error) {
	ctx, cancel := context.WithTimeout(ctx, objectTimeout)
	defer cancel()
	data, err := s.bucket.ReadAll(ctx, key)
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound:
		return nil, apierr.Errorf(apierr.Missing, "the payload %s is not in %s: every worker and starter needs the same store (%s), and it must keep objects for longer than Temporal keeps histories", key, s.url, EnvStore)
	case err != nil:
		return nil, apierr.New(apierr.Unavailable, fmt.Errorf("read the payload %s from %s: %w", key, s.url, err))
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != path.Base(key) {
		return nil, apierr.Errorf(apierr.Invalid, "the payload %s in %s is not what was stored: its content has another digest", key, s.url)
	}
	payload := &common.Payload{}
	if err := proto.Unmarshal(data, payload); err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("read the payload %s from %s: %w", key, s.url, err))
	}
	return payload, nil
}

func namespaceOf(target converter.StorageDriverTargetInfo) string {
	switch of := target.(type) {
	case converter.StorageDriverWorkflowInfo:
		return of.Namespace
	case converter.StorageDriverActivityInfo:
		return of.Namespace
	}
	return ""
}

func invalid(format string, args ...any) error { return apierr.Errorf(apierr.Invalid, format, args...) }
