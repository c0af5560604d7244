// Package awsapi is a thin client of AWS on aws-sdk-go-v2, for the calls that the AWS integrations make: Organizations,
// IAM, STS, Support, Service Quotas, Account, SQS, and of S3 the buckets and the reading of objects. Besides it only internal/state and the
// store of payloads import the SDK's packages of these services, for objects of their own.
//
// The SDK tries nothing twice, since Temporal does, and refuses what writes outside apply. AWS's own configuration files
// (~/.aws) are never read: all that is taken from the environment is where AWS is (AWS_ENDPOINT_URL,
// AWS_ENDPOINT_URL_<SERVICE>, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT).
package awsapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/awskey"
)

const (
	// timeout is the deadline of one request. AWS's slowest answer is that of a queue that waits for a message.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer. A page of a list is a few KiB, and a message of a queue a MiB at most.
	mostAnswer = 32 << 20
)

// Options say how to reach AWS. The zero value is as the environment says.
type Options struct {
	// Endpoint returns the URL at which every service answers, whatever the environment says. Each Connect asks it:
	// another URL is another AWS, with sessions of its own. Nil leaves it to the environment.
	Endpoint func() (string, error)
}

// Access names a session: who enters an account, and where.
type Access struct {
	// Account is the account's name in app-interface, for messages.
	Account string
	// Credentials are an access key in the fields aws_access_key_id and aws_secret_access_key of a secret, as the
	// automationToken of an account is.
	Credentials secret.Ref
	Region      string
	// Roles are assumed one after the other, beginning with the access key.
	Roles []Role
}

// Role is an IAM role of an account.
type Role struct {
	// AccountID has twelve digits.
	AccountID string
	Name      string
	// Session names the session in AWS's audit log; empty is the role's name.
	Session string
}

// Pool keeps one session for each access, so that connections and temporary credentials serve every activity of a
// worker. It is safe for concurrent use.
type Pool struct {
	secrets secret.Reader
	options Options
	http    aws.HTTPClient

	mu      sync.Mutex
	clients map[string]*Client
}

// NewPool returns an empty pool that reads access keys with the given reader.
func NewPool(secrets secret.Reader, options Options) *Pool {
	return &Pool{secrets: secrets, options: options, http: bounded{awshttp.NewBuildableClient()}, clients: map[string]*Client{}}
}

// Connect returns a client with the given access. It reads the access key and assumes the roles where that has not been
// done yet or was done too long ago: a secret is read again after 15 minutes, and at once when AWS refuses the key that
// was in it. It is Denied where a role cannot be assumed, and Invalid where the secret holds no access key.
func (p *Pool) Connect(ctx context.Context, access Access) (*Client, error) {
	if err := inputs.Outside(ctx, "AWS account "+access.Account); err != nil {
		return nil, err
	}
	endpoint, err := p.endpoint()
	if err != nil {
		return nil, fmt.Errorf("aws %s: %w", access, err)
	}
	client, err := p.client(access, endpoint)
	if err != nil {
		return nil, err
	}
	if _, err := client.session(ctx); err != nil {
		return nil, client.failed("log in", err)
	}
	return client, nil
}

// bounded sends requests and breaks off answers that are too long.
type bounded struct{ aws.HTTPClient }

func (b bounded) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, mostAnswer)
	return resp, nil
}

// endpoint is empty where the environment says where AWS is.
func (p *Pool) endpoint() (string, error) {
	if p.options.Endpoint == nil {
		return "", nil
	}
	return p.options.Endpoint()
}

// client finds or makes the client, and those whose sessions it begins from.
func (p *Pool) client(access Access, endpoint string) (*Client, error) {
	key := access.key(endpoint)
	p.mu.Lock()
	found := p.clients[key]
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	source, err := p.credentials(access, endpoint)
	if err != nil {
		return nil, err
	}
	made, err := p.newClient(access, endpoint, aws.NewCredentialsCache(source, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = time.Minute
	}))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := p.clients[key]; found != nil {
		return found, nil
	}
	p.clients[key] = made
	return made, nil
}

func (p *Pool) credentials(access Access, endpoint string) (aws.CredentialsProvider, error) {
	last := len(access.Roles) - 1
	if last < 0 {
		return awskey.Provider{Secrets: p.secrets, Ref: access.Credentials}, nil
	}
	before := access
	before.Roles = access.Roles[:last]
	parent, err := p.client(before, endpoint)
	if err != nil {
		return nil, err
	}
	return assumedRole{parent: parent, role: access.Roles[last]}, nil
}

// key tells accesses apart, and one AWS from another.
func (a Access) key(endpoint string) string {
	return fmt.Sprintf("%q %q %q %q %q", endpoint, a.Account, a.Credentials, a.Region, a.Roles)
}

// String names the access in messages, without the region.
func (a Access) String() string {
	var text strings.Builder
	text.WriteString(a.Account)
	for _, role := range a.Roles {
		fmt.Fprintf(&text, ", %s in %s", role.Name, role.AccountID)
	}
	return text.String()
}

// config is the SDK's configuration of a session.
func (p *Pool) config(region, endpoint string, credentials aws.CredentialsProvider) (aws.Config, error) {
	made := aws.Config{
		Region: region, Credentials: credentials, HTTPClient: p.http,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	if endpoint != "" {
		made.BaseEndpoint = &endpoint
		return made, nil
	}
	environment, err := config.NewEnvConfig()
	if err != nil {
		return aws.Config{}, apierr.Errorf(apierr.Invalid, "the AWS variables of the environment cannot be used: %w", err)
	}
	made.ConfigSources = []any{environment}
	ignored := environment.IgnoreConfiguredEndpoints != nil && *environment.IgnoreConfiguredEndpoints
	if environment.BaseEndpoint != "" && !ignored {
		made.BaseEndpoint = &environment.BaseEndpoint
	}
	return made, nil
}
