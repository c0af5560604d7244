package awsapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/support"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Client works in one account and region with one session. It is safe for concurrent use.
//
// Every method fails with the kinds of apierr: Denied for credentials and permissions, Missing for what is not there,
// Conflict for what is there already or is changing, Invalid for what AWS does not accept, a limit that is reached
// included, Limited for throttling and Unavailable for AWS's own failures. Messages name the account, the service, the
// operation and the object.
type Client struct {
	access      Access
	credentials *aws.CredentialsCache

	account       *account.Client
	iam           *iam.Client
	organizations *organizations.Client
	quotas        *servicequotas.Client
	s3            *s3.Client
	sqs           *sqs.Client
	sts           *sts.Client
	support       *support.Client
}

func (p *Pool) newClient(access Access, endpoint string, credentials *aws.CredentialsCache) (*Client, error) {
	if access.Region == "" {
		return nil, apierr.Errorf(apierr.Invalid, "aws %s: no region: add resourcesDefaultRegion to the account in app-interface", access)
	}
	made, err := p.config(access.Region, endpoint, credentials)
	if err != nil {
		return nil, err
	}
	made.APIOptions = append(made.APIOptions, refuseWrites)
	return &Client{
		access: access, credentials: credentials,
		account: account.NewFromConfig(made), iam: iam.NewFromConfig(made), organizations: organizations.NewFromConfig(made),
		quotas: servicequotas.NewFromConfig(made), sqs: sqs.NewFromConfig(made), sts: sts.NewFromConfig(made),
		support: support.NewFromConfig(made),
		// Names of buckets in the host's name need a DNS that only AWS has.
		s3: s3.NewFromConfig(made, func(o *s3.Options) { o.UsePathStyle = made.BaseEndpoint != nil }),
	}, nil
}

// send makes one call, described in words for messages. A call whose credentials AWS does not accept is made once more
// where there are newer ones: such a call has had no effect.
func send[In, Out, O any](ctx context.Context, c *Client, what string, call func(context.Context, *In, ...func(*O)) (*Out, error), in *In) (*Out, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	used, err := c.session(ctx)
	if err != nil {
		return nil, c.failed(what, err)
	}
	out, err := call(ctx, in)
	if credentialsRefused(err) && c.renewed(ctx, used) {
		out, err = call(ctx, in)
	}
	if err != nil {
		return nil, c.failed(what, err)
	}
	return out, nil
}

// session returns the credentials, and the error of who provides them without the words of the SDK's cache.
func (c *Client) session(ctx context.Context) (aws.Credentials, error) {
	found, err := c.credentials.Retrieve(ctx)
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return found, err
}

// renewed gets credentials anew and says whether they are others than those used.
func (c *Client) renewed(ctx context.Context, used aws.Credentials) bool {
	c.credentials.Invalidate()
	now, err := c.credentials.Retrieve(ctx)
	return err == nil && (now.AccessKeyID != used.AccessKeyID || now.SecretAccessKey != used.SecretAccessKey)
}

// failed classifies an error and says whose and what it was.
func (c *Client) failed(what string, err error) error {
	return wrapped(c.classify(err), "aws %s: %s: %w", c.access.String(), what)
}

// without is the error of an answer that lacks what it is about.
func (c *Client) without(what, part string) error {
	return c.failed(what, apierr.Errorf(apierr.Unavailable, "AWS sent an answer without %s", part))
}

// wrapped adds words to an error, which the format has last, and keeps its kind outermost: where the SDK wraps the error
// once more, in words of its own, classify finds it whole.
func wrapped(err error, format string, args ...any) error {
	worded := fmt.Errorf(format, append(args, err)...)
	kind, ok := apierr.KindOf(err)
	if !ok {
		return worded
	}
	return &apierr.Error{Kind: kind, RetryAfter: apierr.RetryAfter(err), Err: worded}
}

// pages collects a list, described in words for messages, that comes in pages: fetch returns one and the token of the
// next, nil or empty at the end. It is the whole list or an error.
func pages[T any](c *Client, what string, fetch func(token *string) ([]T, *string, error)) ([]T, error) {
	all := []T{}
	for token := (*string)(nil); ; {
		page, next, err := fetch(token)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if aws.ToString(next) == "" {
			return all, nil
		}
		if token != nil && *token == *next {
			return nil, c.failed(what, apierr.Errorf(apierr.Unavailable, "AWS gave the same token for the next page twice"))
		}
		token = next
	}
}
