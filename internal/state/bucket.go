package state

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"gocloud.dev/blob"
)

// contentType is what the objects are stored as.
const contentType = "application/json"

// object is what a bucket holds under a path.
type object struct {
	body     json.RawMessage
	metadata map[string]string
	// version changes whenever the object does; write compares it.
	version string
}

func (o object) entry() Entry { return Entry{Value: o.body, Metadata: o.metadata} }

// condition says what must hold for a write; the zero condition always holds. A write whose condition does not hold is
// a Conflict.
type condition struct {
	// absent wants that there is no object.
	absent bool
	// version wants that there is the object of this version; empty does not ask.
	version string
}

// bucket is a place for objects. Its errors are as the libraries below it report them; classify tells what they mean.
type bucket interface {
	read(ctx context.Context, path string) (object, error)
	// head returns the metadata.
	head(ctx context.Context, path string) (map[string]string, error)
	write(ctx context.Context, path string, o object, when condition) error
	remove(ctx context.Context, path string) error
	// list returns the paths of all objects below prefix, in any order.
	list(ctx context.Context, prefix string) ([]string, error)
}

// content reads a whole object. It calls opened, where given, with the reader before it reads.
func content(ctx context.Context, b *blob.Bucket, path string, opened func(*blob.Reader)) ([]byte, error) {
	reader, err := b.NewReader(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	if opened != nil {
		opened(reader)
	}
	body, err := io.ReadAll(reader)
	if closed := reader.Close(); err == nil {
		err = closed
	}
	return body, err
}

// attributes returns the metadata of an object.
func attributes(ctx context.Context, b *blob.Bucket, path string) (map[string]string, error) {
	found, err := b.Attributes(ctx, path)
	if err != nil {
		return nil, err
	}
	if found.Metadata == nil {
		return map[string]string{}, nil
	}
	return found.Metadata, nil
}

// put writes a whole object.
func put(ctx context.Context, b *blob.Bucket, path string, o object, options blob.WriterOptions) error {
	options.ContentType, options.Metadata = contentType, o.metadata
	return b.WriteAll(ctx, path, o.body, &options)
}

// names returns the paths of the objects, without what stands for a folder.
func names(objects []*blob.ListObject) []string {
	var paths []string
	for _, one := range objects {
		if !one.IsDir && !strings.HasSuffix(one.Key, "/") {
			paths = append(paths, one.Key)
		}
	}
	return paths
}
