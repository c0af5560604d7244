package awsapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

func in(region string) awsapi.Access {
	access := as("root")
	access.Region = region
	return access
}

func TestABucketIsMadeInTheRegionOnce(t *testing.T) {
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		t.Run(region, func(t *testing.T) {
			w := start(t)
			client := w.connect(t, in(region))
			_, err := client.FindBucket(t.Context(), "terraform-payer")
			fails(t, err, apierr.Missing, "aws payer: look at bucket terraform-payer: S3 HeadBucket")
			for range 2 {
				require.NoError(t, client.CreateBucket(applying(t), "terraform-payer"))
			}
			require.Equal(t, map[string]*aws.Bucket{"terraform-payer": {Region: region}}, w.Dump().Accounts[payer].Buckets)
			for _, from := range []string{"us-east-1", "eu-west-1", "us-west-2"} {
				found, err := w.connect(t, in(from)).FindBucket(t.Context(), "terraform-payer")
				require.NoError(t, err)
				require.Equal(t, awsapi.Bucket{Region: region}, found)
			}
		})
	}
}

func TestABucketOfAnotherAccount(t *testing.T) {
	w := start(t)
	w.editMember(func(a *aws.Account) { a.Buckets = map[string]*aws.Bucket{"taken": {Region: "eu-west-1"}} })
	before := w.Dump()
	for region, want := range map[string]awsapi.Bucket{
		"eu-west-1": {Foreign: true},
		"us-east-1": {Foreign: true, Region: "eu-west-1"},
	} {
		client := w.connect(t, in(region))
		found, err := client.FindBucket(t.Context(), "taken")
		require.NoError(t, err)
		require.Equal(t, want, found)
		fails(t, client.CreateBucket(applying(t), "taken"), apierr.Invalid,
			"aws payer: create bucket taken in "+region, "(409 BucketAlreadyExists)", "another account has this one: delete it there, or use another name")
	}
	require.Equal(t, before, w.Dump())
}

func TestBucketsThatCannotBeLookedAtOrMade(t *testing.T) {
	w := start(t)
	client := w.connect(t, in("us-east-1"))
	fails(t, client.CreateBucket(t.Context(), "terraform-payer"), apierr.Guard, "refused to write outside apply: S3 CreateBucket")
	fails(t, client.CreateBucket(applying(t), "Terraform_Payer"), apierr.Invalid, "(400 InvalidBucketName)")
	_, err := w.connect(t, as("payer")).FindBucket(t.Context(), "terraform-payer")
	fails(t, err, apierr.Denied, "look for bucket terraform-payer: S3 ListBuckets", "s3:ListAllMyBuckets")
	_, err = w.connect(t, as("unknown")).FindBucket(t.Context(), "terraform-payer")
	fails(t, err, apierr.Denied, "creds/unknown")
	require.True(t, awsapi.UnknownKey(err))
	w.Throttle("s3", aws.Throttle{Requests: 1, RetryAfter: 3})
	_, err = client.FindBucket(t.Context(), "terraform-payer")
	fails(t, err, apierr.Limited, "SlowDown")
	require.Empty(t, w.Dump().Accounts[payer].Buckets)
}

func TestABucketWhoseAnswersDoNotSayWhereItIs(t *testing.T) {
	_, err := saying(t, 200, nil, "").FindBucket(t.Context(), "b")
	fails(t, err, apierr.Unavailable, "an answer without the bucket's region")
}
