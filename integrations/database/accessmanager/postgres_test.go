package accessmanager

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// kept is a Vault.
type kept struct {
	mu   sync.Mutex
	data map[string]vaultapi.Data
}

func (k *kept) Fetch(_ context.Context, path string, _ vaultapi.Version) (vaultapi.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.data[path]
	if !ok {
		return vaultapi.Secret{}, apierr.Errorf(apierr.Missing, "no secret %s", path)
	}
	return vaultapi.Secret{Data: data}, nil
}

func (k *kept) Write(_ context.Context, path string, data vaultapi.Data) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.data[path] = data
	return nil
}

func (k *kept) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	fields, err := k.ReadAll(ctx, ref)
	return fields[ref.Field], err
}

func (k *kept) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	found, err := k.Fetch(ctx, ref.Path, vaultapi.Latest)
	return found.Data.Fields(), err
}

// world is a cluster with a namespace, the database instance that it uses, and the integration at work on them.
type world struct {
	*reconciler
	*jobstest.Kubelet
	t     *testing.T
	vault *kept
	store *state.Store
	// host and superuser lead to the instance.
	host      *url.URL
	superuser string
}

const (
	testPath = "app/output/database-access-manager/prod-1/team-a/test"
	adminSQL = `CREATE ROLE boss LOGIN CREATEDB CREATEROLE PASSWORD 'qt-planted-boss'`
)

// newWorld is a world without an instance.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, Kubelet: jobstest.New(t), vault: &kept{data: map[string]vaultapi.Data{
		"app/pull": vaultapi.Text(map[string]secret.Value{".dockerconfigjson_qb64": secret.New("e30=")}),
	}}}
	at := "file://" + t.TempDir()
	w.store = state.New(state.Options{Getenv: func(name string) string {
		return map[string]string{state.EnvURL: at}[name]
	}}).Store(Name)
	w.reconciler = &reconciler{
		connect: func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error) {
			return w.Client, nil
		},
		secrets: w.vault, vault: w.vault, state: w.store, now: time.Now,
	}
	return w
}

// withInstance starts PostgreSQL, with an administrator that is no superuser, as in RDS.
func (w *world) withInstance() *world {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	instance, err := servers.StartPostgres(ctx)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, instance.Stop()) })
	w.superuser = instance.URL
	w.host, err = url.Parse(instance.URL)
	require.NoError(w.t, err)
	w.sql(instance.URL, adminSQL)
	w.admin()
	return w
}

// admin puts the Secret with the administrator's connection into the namespace.
func (w *world) admin() {
	w.Secret("orders-rds", map[string]string{
		hostKey: w.host.Hostname(), portKey: w.host.Port(), userKey: "boss", passwordKey: "qt-planted-boss", databaseKey: "postgres",
	})
}

// login is the address of a database for a user.
func (w *world) login(user, password, database string) string {
	address := *w.host
	address.User, address.Path = url.UserPassword(user, password), "/"+database
	return address.String()
}

// sql runs a statement that has to succeed, and returns its rows.
func (w *world) sql(at, statement string) string {
	w.t.Helper()
	output, err := w.trySQL(at, statement)
	require.NoError(w.t, err, output)
	return output
}

func (w *world) trySQL(at, statement string) (string, error) {
	text, err := exec.CommandContext(w.t.Context(), "psql", "--no-psqlrc", "-qAtX", "--dbname", at, "--command", statement).CombinedOutput()
	return strings.TrimSpace(string(text)), err
}

// access is one to the instance.
func (w *world) access(fields string) Access {
	return Access{
		Wanted: wanted(w.t, fields), Place: jobs.Place{Cluster: appinterface.Cluster{Name: "prod-1"}, Namespace: jobstest.Namespace},
		AdminSecret: "orders-rds", Engine: postgres, Settings: jobs.Settings{ImageRepository: "quay.io/acme", PullSecret: jobs.PullSecret{Path: "app/pull", Version: 1}},
	}
}

func (w *world) try(a Access, afresh bool) (plan.Stand, error) {
	scope := reconcile.Scope{Integration: Name, Name: "test", Args: plan.Args{vaultPath: {"app/output"}}}
	return w.Advance(readonly.Grant(w.t.Context()), scope, plan.Change[Access]{Desired: &a}, afresh)
}

// advance makes one attempt that has to succeed.
func (w *world) advance(a Access) plan.Stand {
	w.t.Helper()
	stand, err := w.try(a, false)
	require.NoError(w.t, err)
	return stand
}

// carryOut makes the access to its end.
func (w *world) carryOut(a Access) {
	w.t.Helper()
	require.Equal(w.t, "Job dbam-test in prod-1/team-a has been made", w.advance(a).Words)
	output, succeeded := w.Run("dbam-test")
	require.True(w.t, succeeded, output)
	require.Equal(w.t, plan.Done(), w.advance(a))
	noted, err := w.noted(w.t.Context(), "test")
	require.NoError(w.t, err)
	require.Equal(w.t, a.Wanted, *noted)
}

// password is the user's, as Vault has it.
func (w *world) password() string {
	w.t.Helper()
	value, _ := w.vault.data[testPath].Field(passwordField)
	require.NotEmpty(w.t, value.Reveal())
	return value.Reveal()
}

func TestAnAccessIsMadeChangedAndDroppedInARealDatabase(t *testing.T) {
	w := newWorld(t).withInstance()
	w.carryOut(w.access(none))
	require.Equal(t, []string{"Secret/dbam-test", "Secret/orders-rds"}, w.Names("Secret", "Job", "ServiceAccount"), "only the user's Secret stays")
	mine, boss := w.login("test", w.password(), "test"), w.login("boss", "qt-planted-boss", "test")
	require.Equal(t, map[string]string{"host": "127.0.0.1", "port": w.host.Port(), "user": "test", "database": "test"}, w.shown(testPath))
	w.sql(mine, `CREATE TABLE test.mine (id int)`)
	_, err := w.trySQL(mine, `CREATE SCHEMA other`)
	require.Error(t, err, "it may write in its own schema alone")

	for _, schema := range []string{"foo", "bar"} {
		w.sql(boss, `CREATE SCHEMA `+schema+`; CREATE TABLE `+schema+`.t (id int); GRANT USAGE ON SCHEMA `+schema+` TO test`)
	}
	may := func(schema string) string {
		return w.sql(w.superuserIn("test"), `SELECT string_agg(p, ',' ORDER BY p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p WHERE has_table_privilege('test', '`+schema+`.t', p)`)
	}
	before := w.password()
	w.carryOut(w.access(`"access": [{"grants": ["SELECT", "INSERT", "UPDATE"], "target": {"dbschema": "foo"}}, {"grants": ["SELECT"], "target": {"dbschema": "bar"}}]`))
	require.Equal(t, "INSERT,SELECT,UPDATE", may("foo"))
	require.Equal(t, "SELECT", may("bar"))
	w.sql(mine, `INSERT INTO foo.t VALUES (1)`)

	w.sql(boss, `DROP SCHEMA bar CASCADE; CREATE SCHEMA bar; CREATE TABLE bar.t (id int)`)
	w.carryOut(w.access(fooRW))
	require.Equal(t, "INSERT,SELECT", may("foo"), "what is not wanted any more is taken back")
	require.Empty(t, may("bar"))
	require.Equal(t, before, w.password(), "the password stays")
	w.sql(boss, `DROP SCHEMA foo CASCADE`)
	w.carryOut(w.access(none))

	w.carryOut(w.access(`"delete": true`))
	require.Equal(t, "f", w.sql(w.superuser, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'test')`))
	require.Equal(t, "boss", w.sql(w.superuserIn("test"), `SELECT tableowner FROM pg_tables WHERE tablename = 'mine'`), "what it owned is kept")

	w.sql(w.superuser, `DROP DATABASE test`)
	require.NoError(t, w.store.Set(readonly.Grant(t.Context()), "test", nil, nil))
	w.carryOut(w.access(`"delete": true`))

	w.carryOut(w.access(none))
	require.Equal(t, before, w.password(), "an access that comes back has the password of its Secret")
	w.sql(w.login("test", w.password(), "test"), `SELECT 1`)
}

func (w *world) superuserIn(database string) string {
	at := *w.host
	at.Path = "/" + database
	return at.String()
}

// shown is a secret in Vault but for its password.
func (w *world) shown(path string) map[string]string {
	texts := map[string]string{}
	for name, value := range w.vault.data[path].Fields() {
		if name != passwordField {
			texts[name] = value.Reveal()
		}
	}
	return texts
}
