package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// bucketOperations are those of S3 that concern buckets and what is in them. Gofakes3, a server of that protocol, answers what passes the
// rules here: whose a bucket is, and where, is what it does not know.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/
var bucketOperations = map[string]operation{
	"CreateBucket":  with(createBucket),
	"GetObject":     with(headBucket),
	"HeadBucket":    with(headBucket),
	"ListBuckets":   with(func(*call, bucketInput) (object, *refusal) { return nil, nil }),
	"ListObjectsV2": with(headBucket),
}

// bucketInput is a request as the API's reference names its parts.
type bucketInput struct {
	Bucket             string
	LocationConstraint string
}

// askS3 finds out which operation a request with the bucket in its path asks for.
func askS3(r *http.Request, body []byte) (operation string, input []byte) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	in := bucketInput{Bucket: bucket}
	query := r.URL.Query()
	switch {
	case key != "":
		if r.Method == http.MethodGet {
			operation = "GetObject"
		}
	case r.Method == http.MethodGet && query.Get("list-type") == "2":
		operation = "ListObjectsV2"
	case r.Method == http.MethodPut && len(query) == 0:
		operation = "CreateBucket"
	case r.Method == http.MethodHead && len(query) == 0:
		operation = "HeadBucket"
	case r.Method == http.MethodGet && in.Bucket == "":
		operation = "ListBuckets"
	}
	var configuration struct {
		LocationConstraint string `xml:"LocationConstraint"`
	}
	if len(body) > 0 && xml.Unmarshal(body, &configuration) != nil {
		return operation, nil
	}
	in.LocationConstraint = configuration.LocationConstraint
	// Two texts are always JSON.
	input, _ = json.Marshal(in)
	return operation, input
}

// bucket finds a bucket of any account.
func (e Estate) bucket(name string) (owner string, found *Bucket) {
	for id, account := range e.Accounts {
		if bucket := account.Buckets[name]; bucket != nil {
			return id, bucket
		}
	}
	return "", nil
}

const (
	usEast1  = "us-east-1"
	unlocate = "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
)

func createBucket(c *call, in bucketInput) (object, *refusal) {
	region := c.signature.region
	switch {
	case gofakes3.ValidateBucketName(in.Bucket) != nil:
		return nil, invalid("InvalidBucketName", "The specified bucket is not valid.")
	case in.LocationConstraint == usEast1:
		return nil, invalid("InvalidLocationConstraint", "The specified location-constraint is not valid")
	case region != usEast1 && in.LocationConstraint == "":
		return nil, invalid("IllegalLocationConstraintException", unlocate)
	case region != usEast1 && in.LocationConstraint != region:
		return nil, invalid("IllegalLocationConstraintException",
			fmt.Sprintf("The %s location constraint is incompatible for the region specific endpoint this request was sent to.", in.LocationConstraint))
	case in.LocationConstraint != "":
		region = in.LocationConstraint
	}
	conflict := func(code, message string) *refusal {
		return &refusal{status: http.StatusConflict, code: code, message: message}
	}
	switch owner, found := c.estate.bucket(in.Bucket); {
	case found == nil:
	case owner != c.caller.account:
		return nil, conflict("BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	case region == usEast1 && found.Region == usEast1:
		// What S3 has always done there.
		return object{"exists": true}, nil
	default:
		return nil, conflict("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	put(&c.account().Buckets, in.Bucket, &Bucket{Region: region})
	return nil, nil
}

// headBucket tells of a bucket in another region to everybody, and of one in this region to its owner alone.
func headBucket(c *call, in bucketInput) (object, *refusal) {
	owner, found := c.estate.bucket(in.Bucket)
	if found == nil {
		return nil, &refusal{status: http.StatusNotFound, code: "NoSuchBucket", message: "The specified bucket does not exist"}
	}
	region := object{"region": found.Region}
	switch {
	case found.Region != c.signature.region:
		return region, &refusal{
			status: http.StatusMovedPermanently, code: "PermanentRedirect",
			message: "The bucket you are attempting to access must be addressed using the specified endpoint.",
		}
	case owner != c.caller.account:
		return region, c.denied("Access Denied")
	}
	return region, nil
}

// buckets is a server of S3 as the estate is before the request.
func (c *call) buckets() func(ownedBy string) http.Handler {
	names := map[string][]string{}
	objects := map[string][]Object{}
	for id, account := range c.estate.Accounts {
		for name, bucket := range account.Buckets {
			names[id], objects[name] = append(names[id], name), slices.Clone(bucket.Objects)
		}
	}
	return func(owner string) http.Handler {
		clock := gofakes3.FixedTimeSource(time.Unix(1_700_000_000, 0))
		storage := s3mem.New(s3mem.WithTimeSource(clock))
		slices.Sort(names[owner])
		for _, name := range names[owner] {
			// A name that is not valid is not there, nor is what would be in it.
			_ = storage.CreateBucket(name)
			for _, object := range objects[name] {
				clock.Advance(time.Hour)
				_, _ = storage.PutObject(name, object.Key, nil, strings.NewReader(object.Content), int64(len(object.Content)), nil)
			}
		}
		return gofakes3.New(storage, gofakes3.WithTimeSkewLimit(0)).Server()
	}
}

// writeBuckets sends a refusal in S3's form, and has everything else answered by the server of S3.
func (c *call) writeBuckets(
	w http.ResponseWriter, r *http.Request, body []byte, id string, buckets func(string) http.Handler, result object, refused *refusal,
) {
	if region, ok := result["region"].(string); ok {
		w.Header().Set("X-Amz-Bucket-Region", region)
	}
	switch {
	case refused != nil:
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("X-Amz-Request-Id", id)
		w.WriteHeader(refused.status)
		if r.Method == http.MethodHead {
			return
		}
		var out strings.Builder
		out.WriteString(xml.Header)
		element(&out, "Error", object{"Code": refused.code, "Message": refused.message, "RequestId": id})
		_, _ = io.WriteString(w, out.String())
	case result["exists"] == true:
		w.Header().Set("Location", r.URL.Path)
	default:
		r.Body = io.NopCloser(bytes.NewReader(body))
		buckets(c.caller.account).ServeHTTP(w, r)
	}
}
