package accountmanager

import (
	"context"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

const (
	payerID  = "111111111111"
	memberID = "222222222222"
	keyPath  = "kv/terraform/acme/config"
	folder   = "app-interface-commercial/payer"
)

// estate is an organisation with a payer account and another one.
const estate = `
organizations:
  o-1: {management: "111111111111", root: r-1, units: {ou-1: {name: Teams, parent: r-1}}}
accounts:
  "111111111111":
    name: payer
    email: payer@example.com
    parent: r-1
    support: business
    users: {bot: {policies: ["arn:aws:iam::aws:policy/AdministratorAccess"], keys: {AKIAPAYER: {secret: qt-planted-payer-key}}}}
    roles: {AccountManager: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}}
  "222222222222":
    name: member
    email: member@example.com
    parent: r-1
    roles: {OrganizationAccountAccessRole: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}}
  "333333333333": {name: other, email: other@example.com, alias: taken}
services:
  ec2: {name: EC2, quotas: {L-1: {name: Instances, value: 10}, L-2: {name: Addresses, value: 5}}}
`

// world is AWS, state and Vault, and the integration at work on them.
type world struct {
	*reconciler
	t       *testing.T
	aws     *standin.Server
	faults  *fault.Injector
	secrets *kept
	store   *state.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	parsed, err := standin.ParseEstate([]byte(estate))
	require.NoError(t, err)
	w := &world{t: t, aws: standin.New(parsed, time.Now), secrets: &kept{data: map[string]vaultapi.Data{}}}
	w.faults = fault.New(w.aws, standin.IsRead, fault.WithOperations(standin.Operation))
	server := httptest.NewServer(w.faults)
	t.Cleanup(server.Close)
	require.NoError(t, w.secrets.Write(t.Context(), "creds/payer", vaultapi.Text(map[string]secret.Value{
		keyIDField: secret.New("AKIAPAYER"), keyField: secret.New("qt-planted-payer-key"),
	})))
	at := "file://" + t.TempDir()
	backend := state.New(state.Options{Getenv: func(name string) string {
		if name == state.EnvURL {
			return at
		}
		return ""
	}})
	w.store = backend.Store(Name)
	pool := awsapi.NewPool(w.secrets, awsapi.Options{Endpoint: func() (string, error) { return server.URL, nil }})
	w.reconciler = &reconciler{
		connect: func(ctx context.Context, access awsapi.Access) (aws, error) { return pool.Connect(ctx, access) },
		secrets: w.secrets, state: w.store, now: time.Now,
	}
	return w
}

// step is a task of the account acme, which the payer account pays.
func (w *world) step(task, uid string) Step {
	return Step{
		Task: task, Account: "acme", UID: uid, File: "data/aws/acme.yml", Folder: folder, Email: "acme@example.com",
		User: &User{Name: "terraform", Policy: standin.AdministratorAccess, Secret: keyPath},
		Door: Door{Account: "payer", UID: payerID, Token: secret.Ref{Path: "creds/payer", Field: "all"}, Region: "us-east-1", Manager: "AccountManager"},
	}
}

func change(s Step) plan.Change[Step] {
	return plan.Change[Step]{Head: plan.Head{Action: plan.Create, Key: s.Key()}, Desired: &s}
}

// try makes one attempt that may write.
func (w *world) try(s Step, afresh bool) (plan.Stand, error) {
	return w.Advance(readonly.Grant(w.t.Context()), reconcile.Scope{Integration: Name}, change(s), afresh)
}

// advance makes one attempt that has to succeed.
func (w *world) advance(s Step) plan.Stand {
	w.t.Helper()
	stand, err := w.try(s, false)
	require.NoError(w.t, err)
	return stand
}

func (w *world) retry(s Step) plan.Stand {
	w.t.Helper()
	stand, err := w.try(s, true)
	require.NoError(w.t, err)
	return stand
}

func (w *world) skip(s Step) error {
	return w.Skip(readonly.Grant(w.t.Context()), reconcile.Scope{Integration: Name}, change(s))
}

// isDone says whether the plan would leave the step out.
func (w *world) isDone(s Step) bool {
	w.t.Helper()
	live, err := w.Current(w.t.Context(), reconcile.Scope{Integration: Name}, []Step{s})
	require.NoError(w.t, err)
	return len(live) == 1 && s.Equal(live[0])
}

func (w *world) note(task string, value any) {
	w.t.Helper()
	require.NoError(w.t, w.store.Set(readonly.Grant(w.t.Context()), folder+"/task.acme."+task, value, nil))
}

// noted is the JSON under a key of the payer account's folder; empty where there is none.
func (w *world) noted(key string) string {
	w.t.Helper()
	entry, err := w.store.Get(w.t.Context(), folder+"/task."+key)
	if apierr.Is(err, apierr.Missing) {
		return ""
	}
	require.NoError(w.t, err)
	return string(entry.Value)
}

func (w *world) account(id string) *standin.Account {
	return w.aws.Dump().Accounts[id]
}

// count is how often an operation succeeded.
func (w *world) count(operation string) int {
	n := 0
	for _, call := range w.aws.Calls() {
		if call.Operation == operation && call.Error == "" {
			n++
		}
	}
	return n
}

// wrote says which operations that write have succeeded.
func (w *world) wrote() []string {
	var names []string
	for _, call := range w.aws.Calls() {
		read := slices.ContainsFunc([]string{"Assume", "Describe", "Get", "List"}, func(verb string) bool {
			return len(call.Operation) >= len(verb) && call.Operation[:len(verb)] == verb
		})
		if !read && call.Error == "" {
			names = append(names, call.Operation)
		}
	}
	return names
}

// kept is a Vault in memory, for new secrets and for access keys.
type kept struct {
	mu   sync.Mutex
	data map[string]vaultapi.Data
	// fail is the error of the next write; lost says that it takes effect all the same.
	fail error
	lost bool
}

var errMissing = apierr.Errorf(apierr.Missing, "no such secret")

func (k *kept) Fetch(_ context.Context, path string, _ vaultapi.Version) (vaultapi.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.data[path]
	if !ok {
		return vaultapi.Secret{}, errMissing
	}
	return vaultapi.Secret{Path: path, Data: data}, nil
}

func (k *kept) Write(_ context.Context, path string, data vaultapi.Data) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	err, lost := k.fail, k.lost
	k.fail, k.lost = nil, false
	if err == nil || lost {
		k.data[path] = data
	}
	return err
}

func (k *kept) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	all, err := k.ReadAll(ctx, ref)
	return all[ref.Field], err
}

func (k *kept) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	found, err := k.Fetch(ctx, ref.Path, 0)
	if err != nil {
		return nil, err
	}
	return found.Data.Fields(), nil
}

// put stores an access key.
func (k *kept) put(path, id, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.data[path] = vaultapi.Text(map[string]secret.Value{keyIDField: secret.New(id), keyField: secret.New(key)})
}

// keyID is that of the access key at a path.
func (k *kept) keyID(path string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.data[path]
	if !ok {
		return ""
	}
	id, _ := data.Field(keyIDField)
	return id.Reveal()
}
