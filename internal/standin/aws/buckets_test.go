package aws_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

// askS3 sends one request to S3, signed by root, and returns the answer.
func askS3(t *testing.T, s *aws.Server, method, path, region, location string) *httptest.ResponseRecorder {
	t.Helper()
	body := ""
	if location != "" {
		body = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` + location + `</LocationConstraint></CreateBucketConfiguration>`
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "http://aws.example.com"+path, strings.NewReader(body))
	digest := sha256.Sum256([]byte(body))
	credentials := awssdk.Credentials{AccessKeyID: "AKIAROOT", SecretAccessKey: "hunter2"}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	require.NoError(t, signer.SignHTTP(t.Context(), credentials, r, hex.EncodeToString(digest[:]), "s3", region, noon))
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	return recorder
}

const mine, theirs = "111111111111", "222222222222"

func TestBuckets(t *testing.T) {
	for _, tc := range []struct {
		name                           string
		method, path, region, location string
		status                         int
		// code is of the error's; region of the answer's header.
		code, at string
		// buckets are those of the caller's account afterwards, besides mine.
		made map[string]string
	}{
		{name: "a bucket in us-east-1", method: "PUT", path: "/new", region: "us-east-1", status: 200, made: map[string]string{"new": "us-east-1"}},
		{name: "a bucket elsewhere", method: "PUT", path: "/new", region: "eu-west-1", location: "eu-west-1", status: 200, made: map[string]string{"new": "eu-west-1"}},
		{name: "a bucket elsewhere, asked for in us-east-1", method: "PUT", path: "/new", region: "us-east-1", location: "eu-west-1", status: 200, made: map[string]string{"new": "eu-west-1"}},
		{name: "elsewhere without a location", method: "PUT", path: "/new", region: "eu-west-1", status: 400, code: "IllegalLocationConstraintException"},
		{name: "elsewhere with the location of a third", method: "PUT", path: "/new", region: "eu-west-1", location: "eu-west-2", status: 400, code: "IllegalLocationConstraintException"},
		{name: "us-east-1 as a location", method: "PUT", path: "/new", region: "us-east-1", location: "us-east-1", status: 400, code: "InvalidLocationConstraint"},
		{name: "a name that is not valid", method: "PUT", path: "/New_One", region: "us-east-1", status: 400, code: "InvalidBucketName"},
		{name: "an own one again", method: "PUT", path: "/mine", region: "eu-west-1", location: "eu-west-1", status: 409, code: "BucketAlreadyOwnedByYou"},
		{name: "an own one again in us-east-1", method: "PUT", path: "/old", region: "us-east-1", status: 200},
		{name: "another account's", method: "PUT", path: "/theirs", region: "us-east-1", status: 409, code: "BucketAlreadyExists"},
		{name: "a look at an own one", method: "HEAD", path: "/mine", region: "eu-west-1", status: 200, at: "eu-west-1"},
		{name: "a look at one elsewhere", method: "HEAD", path: "/mine", region: "us-east-1", status: 301, at: "eu-west-1"},
		{name: "a look at another account's", method: "HEAD", path: "/theirs", region: "us-east-1", status: 403, at: "us-east-1"},
		{name: "a look at none", method: "HEAD", path: "/none", region: "us-east-1", status: 404},
		{name: "a list", method: "GET", path: "/?prefix=m", region: "us-east-1", status: 200},
		{name: "what is not served", method: "PUT", path: "/mine/object", region: "eu-west-1", status: 501, code: "NotImplemented"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := load(t, world)
			s.Edit(func(e *aws.Estate) {
				e.Accounts[mine].Buckets = map[string]*aws.Bucket{"mine": {Region: "eu-west-1"}, "old": {Region: "us-east-1"}}
				e.Accounts[theirs].Buckets = map[string]*aws.Bucket{"theirs": {Region: "us-east-1"}}
			})
			want := s.Dump()
			for name, region := range tc.made {
				want.Accounts[mine].Buckets[name] = &aws.Bucket{Region: region}
			}
			answer := askS3(t, s, tc.method, tc.path, tc.region, tc.location)
			require.Equal(t, tc.status, answer.Code, "%s", answer.Body)
			require.Equal(t, tc.at, answer.Header().Get("X-Amz-Bucket-Region"))
			require.Equal(t, want, s.Dump())
			switch {
			case tc.code != "":
				require.Contains(t, answer.Body.String(), "<Error><Code>"+tc.code+"</Code><Message>")
			case tc.method == http.MethodGet:
				require.Contains(t, answer.Body.String(), "<Name>mine</Name>")
				require.NotContains(t, answer.Body.String(), "theirs")
			default:
				require.Empty(t, answer.Body.String())
			}
		})
	}
}

func TestBucketsOfAnEstate(t *testing.T) {
	for text, says := range map[string]string{
		`{"111111111111": {name: a, email: a@example.com, buckets: {b: {region: mars-1}}}}`:                                                                                        "bucket b of account 111111111111 has no region that AWS has",
		`{"111111111111": {name: a, email: a@example.com, buckets: {b: {region: us-east-1}}}, "222222222222": {name: b, email: b@example.com, buckets: {b: {region: us-east-1}}}}`: "the bucket b is there twice",
	} {
		_, err := aws.ParseEstate([]byte("accounts: " + text))
		require.ErrorContains(t, err, says)
	}
}
