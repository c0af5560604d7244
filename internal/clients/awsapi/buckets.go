package awsapi

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Bucket is what there is under a bucket's name, which is one for all accounts of AWS.
type Bucket struct {
	// Foreign says that the bucket is another account's.
	Foreign bool
	// Region is where the bucket is; it is empty where S3 does not say so of another account's.
	Region string
}

// FindBucket looks for the bucket with a name, in all regions. It is Missing where the name is free.
func (c *Client) FindBucket(ctx context.Context, name string) (Bucket, error) {
	own, err := c.ownsBucket(ctx, name)
	if err != nil {
		return Bucket{}, err
	}
	region, err := c.bucketRegion(ctx, name)
	if apierr.Is(err, apierr.Denied) && !own {
		return Bucket{Foreign: true}, nil
	}
	if err != nil {
		return Bucket{}, err
	}
	return Bucket{Foreign: !own, Region: region}, nil
}

// ownsBucket asks for the account's own buckets, since S3 does not say whose a bucket is.
func (c *Client) ownsBucket(ctx context.Context, name string) (bool, error) {
	what := "look for bucket " + name
	buckets, err := pages(c, what, func(token *string) ([]types.Bucket, *string, error) {
		out, err := send(ctx, c, what, c.s3.ListBuckets, &s3.ListBucketsInput{Prefix: &name, ContinuationToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Buckets, out.ContinuationToken, nil
	})
	return slices.ContainsFunc(buckets, func(b types.Bucket) bool { return aws.ToString(b.Name) == name }), err
}

// bucketRegion asks for a bucket, which S3 answers from every region: with a redirect from those that it is not in.
func (c *Client) bucketRegion(ctx context.Context, name string) (string, error) {
	head := func(ctx context.Context, in *s3.HeadBucketInput, options ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
		out, err := c.s3.HeadBucket(ctx, in, options...)
		var raw *awshttp.ResponseError
		if errors.As(err, &raw) && raw.HTTPStatusCode() == http.StatusMovedPermanently {
			return &s3.HeadBucketOutput{BucketRegion: aws.String(raw.Response.Header.Get("X-Amz-Bucket-Region"))}, nil
		}
		return out, err
	}
	what := "look at bucket " + name
	out, err := send(ctx, c, what, head, &s3.HeadBucketInput{Bucket: &name})
	if err != nil {
		return "", err
	}
	if aws.ToString(out.BucketRegion) == "" {
		return "", c.without(what, "the bucket's region")
	}
	return *out.BucketRegion, nil
}

// usEast1 is the region that a bucket is in where its location is not named, and that S3 does not take as a location.
const usEast1 = "us-east-1"

// CreateBucket makes a bucket in the client's region, for the account alone. One that the account has already is success.
// It is Invalid where another account has one with the name.
//
// Differs from the reference: a bucket that the account has already is success in every region. S3 calls that an error
// everywhere but in us-east-1, and the reference ends there.
func (c *Client) CreateBucket(ctx context.Context, name string) error {
	in := &s3.CreateBucketInput{Bucket: &name}
	if c.access.Region != usEast1 {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.access.Region)}
	}
	what := "create bucket " + name + " in " + c.access.Region
	_, err := send(ctx, c, what, c.s3.CreateBucket, in)
	var refused *refusal
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.code {
	case "BucketAlreadyOwnedByYou":
		return nil
	case "BucketAlreadyExists":
		refused.remedy = "bucket names are unique across all AWS accounts, and another account has this one: delete it there, or use another name"
		return c.failed(what, apierr.New(apierr.Invalid, refused))
	}
	return err
}
