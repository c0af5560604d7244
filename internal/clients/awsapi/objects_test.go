package awsapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

func TestObjectsAreReadInTheRegionOfTheirBucket(t *testing.T) {
	w := start(t)
	w.Edit(func(e *aws.Estate) {
		e.Accounts[payer].Buckets = map[string]*aws.Bucket{"assets": {Region: "eu-west-1", Objects: []aws.Object{
			{Key: "a/old", Content: "1"}, {Key: "a/new", Content: "zwei ä"}, {Key: "a/below/x", Content: "3"}, {Key: "b", Content: "4"},
		}}}
	})
	client := w.connect(t, in("eu-west-1"))
	content, err := client.GetObject(t.Context(), "assets", "a/new")
	require.NoError(t, err)
	require.Equal(t, "zwei ä", string(content))
	keys, err := client.ListObjects(t.Context(), "assets", "a/")
	require.NoError(t, err)
	require.Equal(t, []string{"a/new", "a/old"}, keys)
	keys, err = client.ListObjects(t.Context(), "assets", "none/")
	require.NoError(t, err)
	require.Empty(t, keys)

	_, err = client.GetObject(t.Context(), "assets", "none")
	fails(t, err, apierr.Missing, "aws payer: read object none of bucket assets: S3 GetObject", "NoSuchKey")
	_, err = client.GetObject(t.Context(), "none", "a/new")
	fails(t, err, apierr.Missing, "NoSuchBucket")
	_, err = client.ListObjects(t.Context(), "none", "")
	fails(t, err, apierr.Missing, "aws payer: list objects below  in bucket none: S3 ListObjectsV2", "NoSuchBucket")
	another := as("payer")
	another.Region = "eu-west-1"
	_, err = w.connect(t, another).GetObject(t.Context(), "assets", "a/new")
	fails(t, err, apierr.Denied, "s3:GetObject")
}
