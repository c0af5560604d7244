package state

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// pageSize is the most that S3 lists at once.
const pageSize = 1000

// s3Bucket is a bucket of S3, or of a server that speaks its protocol and honours conditional writes.
type s3Bucket struct{ blob *blob.Bucket }

// openS3 opens a bucket and makes sure that it is there and may be used, as the reference does.
//
// Requests are sent once: when the answer to a conditional write is lost, sending it again would find our own object
// and take it for somebody else's. Who calls the store tries again.
func openS3(ctx context.Context, config aws.Config, name string, options ...func(*s3.Options)) (bucket, error) {
	options = append(options, func(o *s3.Options) {
		o.Retryer = aws.NopRetryer{}
		// The reference's objects have no checksum; there is nothing to warn of.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	client := s3.NewFromConfig(config, options...)
	if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); err != nil {
		err = classify(err)
		if apierr.Is(err, apierr.Missing) {
			err = apierr.Errorf(apierr.Invalid, "there is no such bucket: correct its name, or create it")
		}
		return nil, err
	}
	opened, err := s3blob.OpenBucket(ctx, client, name, &s3blob.Options{RequestChecksumCalculation: config.RequestChecksumCalculation})
	if err != nil {
		return nil, err
	}
	return &s3Bucket{blob: opened}, nil
}

func (b *s3Bucket) read(ctx context.Context, path string) (object, error) {
	var got s3.GetObjectOutput
	body, err := content(ctx, b.blob, path, func(r *blob.Reader) { r.As(&got) })
	if err != nil {
		return object{}, err
	}
	return object{body: body, metadata: decodeMetadata(got.Metadata), version: aws.ToString(got.ETag)}, nil
}

// decodeMetadata undoes the URL encoding in which blob stores metadata. What is not so encoded, because the reference
// wrote it, stays as it is.
func decodeMetadata(stored map[string]string) map[string]string {
	metadata := make(map[string]string, len(stored))
	for key, value := range maps.All(stored) {
		if clear, err := url.PathUnescape(value); err == nil {
			value = clear
		}
		metadata[strings.ToLower(key)] = value
	}
	return metadata
}

func (b *s3Bucket) head(ctx context.Context, path string) (map[string]string, error) {
	return attributes(ctx, b.blob, path)
}

var errNoCondition = errors.New("the S3 library takes no condition for a write")

func (b *s3Bucket) write(ctx context.Context, path string, o object, when condition) error {
	options := blob.WriterOptions{IfNotExist: when.absent}
	if when.version != "" {
		options.BeforeWrite = func(as func(any) bool) error {
			var upload *transfermanager.UploadObjectInput
			if !as(&upload) {
				return errNoCondition
			}
			upload.IfMatch = &when.version
			return nil
		}
	}
	err := put(ctx, b.blob, path, o, options)
	if when.version != "" && apierr.Is(classify(err), apierr.Missing) {
		return apierr.Errorf(apierr.Conflict, "another writer removed it meanwhile")
	}
	return err
}

// remove looks first, since S3 deletes what is not there without a word.
func (b *s3Bucket) remove(ctx context.Context, path string) error {
	if _, err := b.head(ctx, path); err != nil {
		return err
	}
	return b.blob.Delete(ctx, path)
}

func (b *s3Bucket) list(ctx context.Context, prefix string) ([]string, error) {
	var paths []string
	for token := blob.FirstPageToken; len(token) > 0; {
		page, next, err := b.blob.ListPage(ctx, token, pageSize, &blob.ListOptions{Prefix: prefix})
		if err != nil {
			return nil, err
		}
		paths, token = append(paths, names(page)...), next
	}
	return paths, nil
}
