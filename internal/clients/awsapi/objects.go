package awsapi

import (
	"context"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// GetObject returns the content of an object in the client's region.
func (c *Client) GetObject(ctx context.Context, bucket, key string) ([]byte, error) {
	what := "read object " + key + " of bucket " + bucket
	var content []byte
	read := func(ctx context.Context, in *s3.GetObjectInput, options ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
		out, err := c.s3.GetObject(ctx, in, options...)
		if err != nil {
			return nil, err
		}
		defer func() { _ = out.Body.Close() }()
		if content, err = io.ReadAll(out.Body); err != nil {
			return nil, apierr.Errorf(apierr.Unavailable, "the object broke off: %w", err)
		}
		return out, nil
	}
	if _, err := send(ctx, c, what, read, &s3.GetObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		return nil, err
	}
	return content, nil
}

// ListObjects returns the keys that begin with a prefix and have no slash after it, with the newest object first.
func (c *Client) ListObjects(ctx context.Context, bucket, prefix string) ([]string, error) {
	what := "list objects below " + prefix + " in bucket " + bucket
	objects, err := pages(c, what, func(token *string) ([]types.Object, *string, error) {
		out, err := send(ctx, c, what, c.s3.ListObjectsV2, &s3.ListObjectsV2Input{
			Bucket: &bucket, Prefix: &prefix, Delimiter: aws.String("/"), ContinuationToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Contents, out.NextContinuationToken, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(objects, func(a, b types.Object) int {
		return aws.ToTime(b.LastModified).Compare(aws.ToTime(a.LastModified))
	})
	keys := make([]string, len(objects))
	for i, object := range objects {
		keys[i] = aws.ToString(object.Key)
	}
	return keys, nil
}
