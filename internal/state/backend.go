package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Options say where to look for the place of the state.
type Options struct {
	// Getenv reads the environment.
	Getenv func(string) string
	// AppInterface returns a client for queries and the reader of secrets. It is called only where the environment alone
	// does not say where state is.
	AppInterface func() (graphql.Client, secret.Reader, error)
	// At, where given, says where state is, and nothing else is looked at. Each use asks it: another answer is another
	// state.
	At func() (S3, error)
	// Timeout replaces how long one request to S3 may take; zero is a minute.
	Timeout time.Duration
}

// S3 is a bucket of a server that speaks S3's protocol and asks nobody for credentials.
type S3 struct {
	// Endpoint is the server's URL. The bucket's name is the first part of the path below it.
	Endpoint, Bucket string
}

// requestTimeout is how long one request to S3 may take. Values are small.
const requestTimeout = time.Minute

// Backend is where the state of all integrations is kept. It is looked up and opened when it is first needed, once for
// the process; what failed is tried again. It is safe for concurrent use.
type Backend struct {
	options Options
	// turn is held by who looks at opened.
	turn   chan struct{}
	opened bucket
	// from is what Options.At said when the bucket was opened.
	from S3
}

// New returns a backend without looking anything up.
func New(o Options) *Backend { return &Backend{options: o, turn: make(chan struct{}, 1)} }

// Store returns the state of an integration; the state of all where the name is empty.
func (b *Backend) Store(integration string) *Store {
	return &Store{backend: b, integration: integration}
}

// open returns the bucket. Its errors are never Missing, so that nobody takes a bucket that is not there for a key that
// is not there.
func (b *Backend) open(ctx context.Context) (bucket, error) {
	if err := inputs.Outside(ctx, "the state"); err != nil {
		return nil, err
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if b.opened != nil && b.options.At == nil {
		return b.opened, nil
	}
	at, err := locate(ctx, b.options)
	if err != nil {
		return nil, err
	}
	if b.opened != nil && b.from == at.server {
		return b.opened, nil
	}
	opened, err := at.open(ctx, cmp.Or(b.options.Timeout, requestTimeout))
	if err != nil {
		err = classify(err)
		if apierr.Is(err, apierr.Missing) {
			err = apierr.Errorf(apierr.Invalid, "%w", err)
		}
		return nil, fmt.Errorf("open the state in %s, as %s says: %w", at, at.says, err)
	}
	b.opened, b.from = opened, at.server
	return opened, nil
}

// String names the place, for messages.
func (p place) String() string {
	switch {
	case p.server != S3{}:
		return "bucket " + p.server.Bucket + " at " + p.server.Endpoint
	case p.url == "":
		return "bucket " + p.bucket + ", region " + p.region
	}
	if u, err := url.Parse(p.url); err == nil {
		return u.Redacted()
	}
	return "an unreadable URL"
}

func (p place) open(ctx context.Context, timeout time.Duration) (bucket, error) {
	switch {
	case p.server != S3{}:
		return p.server.open(ctx, timeout)
	case p.url != "":
		return openURL(ctx, p.url, timeout)
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(p.region)}
	if p.profile != "" {
		options = append(options, config.WithSharedConfigProfile(p.profile))
	}
	if p.credentials != nil {
		options = append(options, config.WithCredentialsProvider(p.credentials))
	}
	loaded, err := load(ctx, timeout, options)
	if err != nil {
		return nil, err
	}
	return openS3(ctx, loaded, p.bucket)
}

// open reads no configuration of AWS: nothing on the machine changes how a given server is asked.
func (s S3) open(ctx context.Context, timeout time.Duration) (bucket, error) {
	config := aws.Config{
		// The servers have no regions, but requests do.
		Region: "us-east-1", BaseEndpoint: &s.Endpoint, Credentials: aws.AnonymousCredentials{},
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(timeout), RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
	}
	return openS3(ctx, config, s.Bucket, func(o *s3.Options) { o.UsePathStyle = true })
}

func load(ctx context.Context, timeout time.Duration, options []func(*config.LoadOptions) error) (aws.Config, error) {
	options = append(options, config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(timeout)))
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, apierr.Errorf(apierr.Invalid, "the AWS configuration cannot be used: %w", err)
	}
	return loaded, nil
}

var errURL = errors.New("expected file:///folder, or s3://bucket with the parameters region, profile, endpoint and use_path_style")

// openURL opens the bucket of a URL, in the form of gocloud.dev/blob. Other buckets that it knows cannot compare and
// set.
func openURL(ctx context.Context, text string, timeout time.Duration) (bucket, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, errURL)
	}
	switch {
	case u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") && u.Path != "" && u.RawQuery == "":
		return openFolder(filepath.FromSlash(u.Path))
	case u.Scheme == "s3" && u.Host != "" && (u.Path == "" || u.Path == "/"):
		return openS3URL(ctx, u.Host, u.Query(), timeout)
	}
	return nil, apierr.New(apierr.Invalid, errURL)
}

func openS3URL(ctx context.Context, name string, parameters url.Values, timeout time.Duration) (bucket, error) {
	for parameter := range parameters {
		if !slices.Contains([]string{"region", "profile", "endpoint", "use_path_style"}, parameter) {
			return nil, apierr.New(apierr.Invalid, errURL)
		}
	}
	var options []func(*config.LoadOptions) error
	if region := parameters.Get("region"); region != "" {
		options = append(options, config.WithRegion(region))
	}
	if profile := parameters.Get("profile"); profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if endpoint := parameters.Get("endpoint"); endpoint != "" {
		options = append(options, config.WithBaseEndpoint(endpoint))
	}
	pathStyle := false
	if text := parameters.Get("use_path_style"); text != "" {
		var err error
		if pathStyle, err = strconv.ParseBool(text); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "use_path_style is %q: use true or false", text)
		}
	}
	loaded, err := load(ctx, timeout, options)
	if err != nil {
		return nil, err
	}
	return openS3(ctx, loaded, name, func(o *s3.Options) { o.UsePathStyle = pathStyle })
}
