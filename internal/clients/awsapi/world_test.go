package awsapi_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

const (
	payer   = "111111111111"
	member  = "222222222222"
	manager = "AccountManager"
	access  = "OrganizationAccountAccessRole"
)

const estate = `
pageSize: 2
organizations:
  o-1:
    management: "111111111111"
    root: r-1
    units:
      ou-1: {name: Teams, parent: r-1}
      ou-2: {name: Payments, parent: ou-1}
      ou-3: {name: Archive, parent: r-1}
      ou-4: {name: Sandbox, parent: r-1}
accounts:
  "111111111111":
    name: payer
    email: payer@example.com
    parent: r-1
    support: enterprise
    users:
      automation:
        policies: ["arn:aws:iam::111111111111:policy/assume"]
        keys: {AKIAPAYER: {secret: qt-planted-payer}}
      root:
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        keys: {AKIAROOT: {secret: qt-planted-root}}
    roles:
      AccountManager: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    queues:
      us-east-1:
        requests: {}
  "222222222222":
    name: team
    email: team@example.com
    parent: r-1
    alias: the-team
    tags: {a: "1", b: "2", c: "3"}
    roles:
      OrganizationAccountAccessRole: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
      Reader: {trusts: ["111111111111"]}
  "333333333333":
    name: other
    email: other@example.com
    parent: ou-3
    alias: the-other
services:
  ec2:
    name: Amazon EC2
    quotas:
      L-1: {name: Instances, value: 5}
      L-2: {name: Addresses, value: 10}
policies:
  "arn:aws:iam::111111111111:policy/assume": ["sts:AssumeRole"]
`

// clock is what a stand-in goes by.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// vault holds secrets with access keys, and counts how often each was read.
type vault struct {
	mu   sync.Mutex
	keys map[string][2]string
	read map[string]int
}

func newVault() *vault {
	return &vault{read: map[string]int{}, keys: map[string][2]string{
		"creds/payer": {"AKIAPAYER", "qt-planted-payer"}, "creds/root": {"AKIAROOT", "qt-planted-root"}, "creds/wrong": {"AKIAPAYER", "qt-planted-wrong"},
		"creds/unknown": {"AKIAUNKNOWN", "qt-planted-unknown"}, "creds/half": {"AKIAPAYER", ""},
	}}
}

func (v *vault) Read(context.Context, secret.Ref) (secret.Value, error) {
	return secret.Value{}, apierr.Errorf(apierr.Invalid, "an access key has two fields")
}

func (v *vault) ReadAll(_ context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.read[ref.Path]++
	pair, ok := v.keys[ref.Path]
	if !ok {
		return nil, apierr.Errorf(apierr.Missing, "there is no secret %s", ref)
	}
	return map[string]secret.Value{"aws_access_key_id": secret.New(pair[0]), "aws_secret_access_key": secret.New(pair[1])}, nil
}

func (v *vault) put(path, id, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys[path] = [2]string{id, text}
}

func (v *vault) reads(path string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.read[path]
}

// world is a stand-in with a pool that knows no other AWS.
type world struct {
	*aws.Server
	faults *fault.Injector
	vault  *vault
	clock  *clock
	pool   *awsapi.Pool
	url    string
}

func start(t *testing.T) *world {
	t.Helper()
	parsed, err := aws.ParseEstate([]byte(estate))
	require.NoError(t, err)
	w := &world{
		clock: &clock{at: time.Now()},
		vault: newVault(),
	}
	w.Server = aws.New(parsed, w.clock.now)
	w.faults = fault.New(w.Server, aws.IsRead)
	server := httptest.NewServer(w.faults)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.pool = awsapi.NewPool(w.vault, awsapi.Options{Endpoint: at(w.url)})
	return w
}

// at is the endpoint of a pool that knows no other.
func at(url string) func() (string, error) {
	return func() (string, error) { return url, nil }
}

// as is an access with the secret of the given name.
func as(name string, roles ...awsapi.Role) awsapi.Access {
	return awsapi.Access{Account: "payer", Credentials: secret.Ref{Path: "creds/" + name}, Region: "us-east-1", Roles: roles}
}

// manages is the access with which accounts are managed, and with which one works in them.
func manages() awsapi.Access {
	return as("payer", awsapi.Role{AccountID: payer, Name: manager})
}

func inMember() awsapi.Access {
	return as("payer", awsapi.Role{AccountID: payer, Name: manager}, awsapi.Role{AccountID: member, Name: access, Session: "qontract"})
}

func (w *world) connect(t *testing.T, access awsapi.Access) *awsapi.Client {
	t.Helper()
	client, err := w.pool.Connect(t.Context(), access)
	require.NoError(t, err)
	return client
}

func (w *world) member() *aws.Account { return w.Dump().Accounts[member] }

// editMember changes the member account as somebody else would.
func (w *world) editMember(change func(*aws.Account)) {
	w.Edit(func(e *aws.Estate) { change(e.Accounts[member]) })
}

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

// fails demands an error of the kind that says all of the parts.
func fails(t *testing.T, err error, kind apierr.Kind, says ...string) {
	t.Helper()
	got, _ := apierr.KindOf(err)
	require.Equal(t, kind, got, "%v", err)
	for _, part := range says {
		require.ErrorContains(t, err, part)
	}
	require.Empty(t, leak.Find([]byte(err.Error())), "no secret in an error: %v", err)
}
