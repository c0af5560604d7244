package sqlquery

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// bundle is an app-interface with queries.
type bundle struct {
	definitions []definition
	settings    settings
}

func (b *bundle) MakeRequest(_ context.Context, _ *graphql.Request, resp *graphql.Response) error {
	*resp.Data.(*SQLQueriesResponse) = SQLQueriesResponse{Settings: []settings{b.settings}, Queries: b.definitions}
	return nil
}

func (b *bundle) Resource(_ context.Context, path string) (appinterface.Resource, error) {
	content, ok := map[string]string{"/postgres.yml": "engine: postgres\nengine_version: 13.7\n", "/mysql.yml": "engine: mysql\n", "/oracle.yml": "engine: oracle\n"}[path]
	if !ok {
		return appinterface.Resource{}, apierr.Errorf(apierr.Invalid, "app-interface has no resource %s", path)
	}
	return appinterface.Resource{Path: path, Content: content}, nil
}

// pullSecrets has the one of the images.
type pullSecrets struct{ secret.Reader }

func (pullSecrets) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return map[string]secret.Value{".dockerconfigjson_qb64": secret.New("e30=")}, nil
}

func sample() definition {
	managed := true
	return definition{
		Path: "/queries/top.yml", Name: "top", Identifier: "shop", Output: stdout, Query: "SELECT 'first';\n", Queries: []string{"SELECT 'second';\n"},
		Namespace: namespace{
			Name: jobstest.Namespace, ManagedExternalResources: &managed, Cluster: appinterface.Cluster{Name: "prod-1"},
			ExternalResources: []externalresources.Provided{{Provider: "aws", Resources: []externalresources.Resource{{Provider: "rds", Identifier: "shop", Defaults: "/postgres.yml"}}}},
		},
	}
}

// world is a cluster with a namespace, and the integration at work on it at a time that the test sets.
type world struct {
	*reconciler
	*jobstest.Kubelet
	t     *testing.T
	app   *bundle
	clock time.Time
	args  plan.Args
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, Kubelet: jobstest.New(t), app: &bundle{definitions: []definition{sample()}}, clock: time.Unix(1_800_000_000, 0), args: plan.Args{enableDeletion: {"true"}}}
	at := "file://" + t.TempDir()
	w.reconciler = &reconciler{
		at: func(reconcile.Scope) session { return w.app },
		connect: func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error) {
			return w.Client, nil
		},
		secrets: pullSecrets{}, now: func() time.Time { return w.clock },
		state: state.New(state.Options{Getenv: func(name string) string { return map[string]string{state.EnvURL: at}[name] }}).Store(Name),
	}
	return w
}

func (w *world) scope() reconcile.Scope {
	return reconcile.Scope{Integration: Name, Name: "top", Args: w.args}
}

// planned is the change that a run finds; nil where there is none.
func (w *world) planned() *plan.Change[Query] {
	w.t.Helper()
	desired, err := w.Desired(w.t.Context(), w.scope())
	require.NoError(w.t, err)
	current, err := w.Current(w.t.Context(), w.scope(), desired)
	require.NoError(w.t, err)
	changes, problems := plan.Diff(desired, current)
	require.Empty(w.t, problems)
	if len(changes) == 0 {
		return nil
	}
	return &changes[0]
}

func (w *world) isDue() bool {
	w.t.Helper()
	names, err := w.Due(w.t.Context(), w.scope(), []string{"top"})
	require.NoError(w.t, err)
	return len(names) == 1
}

func (w *world) try(c *plan.Change[Query], afresh bool) (plan.Stand, error) {
	return w.Advance(readonly.Grant(w.t.Context()), w.scope(), *c, afresh)
}

// advance makes one attempt that has to succeed.
func (w *world) advance(c *plan.Change[Query]) plan.Stand {
	w.t.Helper()
	stand, err := w.try(c, false)
	require.NoError(w.t, err)
	return stand
}

// kept is the value in state, as JSON.
func (w *world) kept() string {
	w.t.Helper()
	entry, err := w.state.Get(w.t.Context(), "top")
	require.NoError(w.t, err)
	return string(entry.Value)
}

var allKinds = []string{"Job", "CronJob", "ConfigMap", "Secret", "ServiceAccount"}

func TestAQueryRunsOnceInARealDatabaseAndIsClearedAfterSevenDays(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	instance, err := servers.StartPostgres(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, instance.Stop()) })
	at, err := url.Parse(instance.URL)
	require.NoError(t, err)
	password, _ := at.User.Password()
	w.Secret("shop-rds", map[string]string{"db.host": at.Hostname(), "db.port": at.Port(), "db.user": at.User.Username(), "db.password": password, "db.name": "postgres"})
	w.app.settings.SqlQuery = &jobs.Settings{ImageRepository: "quay.io/acme", PullSecret: jobs.PullSecret{Path: "creds/pull", Version: 1}}

	require.True(t, w.isDue())
	change := w.planned()
	require.Equal(t, "create SQL query top in prod-1/team-a", change.Summary)
	stand := w.advance(change)
	require.Equal(t, "Job top in prod-1/team-a has been made; the result is in its logs: oc -n team-a logs job/top", stand.Words)
	require.Equal(t, "1800000000", w.kept(), "the reference's form")
	require.Equal(t, []string{"ConfigMap/top-gpg-key", "ConfigMap/top-q00000c00000", "ConfigMap/top-q00001c00000", "Job/top", "Secret/shop-rds", "Secret/top", "ServiceAccount/top"}, w.Names(allKinds...))
	require.True(t, w.isDue(), "its end was not seen")
	require.Contains(t, w.advance(change).Words, "Job top has no pod yet")

	output, succeeded := w.Run("top")
	require.True(t, succeeded, output)
	require.Less(t, strings.Index(output, "first"), strings.Index(output, "second"), output)
	stand = w.advance(change)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Equal(t, w.clock.Add(7*24*time.Hour).UTC(), *stand.NotBefore, "one timer bridges the week")
	require.Contains(t, stand.Words, "Job top is complete; the result is in its logs: oc -n team-a logs job/top; its objects are deleted on 2027-01-22")
	require.Equal(t, "1800000000", w.kept())
	require.False(t, w.isDue(), "its workflow waits, and runs leave it alone")

	w.clock = w.clock.Add(7*24*time.Hour - time.Second)
	require.Equal(t, plan.PhaseWaiting, w.advance(change).Phase)
	w.clock = w.clock.Add(time.Second)
	require.True(t, w.isDue())
	require.Equal(t, "its objects are deleted on 2027-01-22 08:00:00", w.planned().Reason)
	require.Equal(t, plan.Done(), w.advance(change))
	require.Equal(t, []string{"Secret/shop-rds"}, w.Names(allKinds...), "what is not of the query stays")
	require.JSONEq(t, `"DONE"`, w.kept())
	require.False(t, w.isDue())
	require.Nil(t, w.planned())
	require.Equal(t, plan.Done(), w.advance(change), "it never runs again")
	require.Equal(t, []string{"Secret/shop-rds"}, w.Names(allKinds...))
}

func TestWhatTheReferenceBeganIsGoneOnWith(t *testing.T) {
	w := newWorld(t)
	write := func(value any) {
		require.NoError(t, w.state.Set(readonly.Grant(t.Context()), "top", value, nil))
	}
	write(float64(w.clock.Unix()) + 0.25)
	require.Equal(t, "its objects are deleted on 2027-01-22 08:00:00", w.planned().Reason, "a Job that is gone has ended")
	w.args = nil
	require.Nil(t, w.planned(), "without the flag nothing is deleted")
	w.clock = w.clock.AddDate(0, 1, 0)
	require.False(t, w.isDue())
	w.args = plan.Args{enableDeletion: {"true"}}
	require.True(t, w.isDue())
	write("DONE")
	require.Nil(t, w.planned())
	write("yesterday")
	require.True(t, w.isDue(), "a state at fault is told of")
	_, err := w.noted(t.Context(), "top")
	require.ErrorContains(t, err, "starter state rm")
}

func TestAJobThatFailedWaitsForAPersonUntilItIsCleared(t *testing.T) {
	w := newWorld(t)
	change := w.planned()
	w.advance(change)
	w.Ended("top", false)
	stand := w.advance(change)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "Job top failed: it says so")
	require.Equal(t, due(w.clock), *stand.NotBefore, "its objects go all the same")
	require.True(t, w.isDue(), "each run tells of it")

	w.clock = w.clock.Add(time.Hour)
	stand, err := w.try(change, true)
	require.NoError(t, err)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Equal(t, "1800003600", w.kept(), "it is run again")
	require.Nil(t, w.Get(jobs.JobKind, "top")["status"].(map[string]any)["conditions"])

	w.Ended("top", false)
	require.NoError(t, w.Skip(readonly.Grant(t.Context()), w.scope(), *change))
	require.False(t, w.isDue(), "somebody has seen it")
	w.clock = due(w.clock)
	require.Equal(t, plan.Done(), w.advance(change))
	require.Empty(t, w.Names(allKinds...))
}

func TestACronJobStaysUntilItIsToBeDeleted(t *testing.T) {
	w := newWorld(t)
	w.app.definitions[0].Schedule = "0 3 * * *"
	change := w.planned()
	require.Equal(t, plan.Done(), w.advance(change))
	require.Equal(t, []string{"ConfigMap/top-gpg-key", "ConfigMap/top-q00000c00000", "ConfigMap/top-q00001c00000", "CronJob/top", "ServiceAccount/top"}, w.Names(allKinds...))
	spec := w.Get("CronJob.batch", "top")["spec"].(map[string]any)
	require.Equal(t, []any{"0 3 * * *", "Forbid"}, []any{spec["schedule"], spec["concurrencyPolicy"]})
	w.clock = w.clock.AddDate(1, 0, 0)
	require.Nil(t, w.planned())
	require.False(t, w.isDue())

	goes := true
	w.app.definitions[0].Delete = &goes
	w.args = nil
	require.Nil(t, w.planned(), "without the flag nothing is deleted")
	w.args = plan.Args{enableDeletion: {"true"}}
	require.True(t, w.isDue())
	change = w.planned()
	require.Equal(t, "it is to be deleted", change.Reason)
	require.Equal(t, plan.Done(), w.advance(change))
	require.Empty(t, w.Names(allKinds...))
	require.JSONEq(t, `"DONE"`, w.kept())

	require.NoError(t, w.state.(*state.Store).Remove(readonly.Grant(t.Context()), "top"))
	require.Nil(t, w.planned(), "one that was never made is not made to be deleted")
	require.False(t, w.isDue())
}

func TestWhatIsNotTheQuerysIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.Write(map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": "top", "namespace": jobstest.Namespace},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"restartPolicy": "Never", "containers": []any{map[string]any{"name": "psql", "image": "psql"}},
		}}},
	}, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "theirs", "namespace": jobstest.Namespace, "labels": labels("top")},
	})
	change := w.planned()
	_, err := w.try(change, false)
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	require.Equal(t, []string{"ConfigMap/theirs", "Job/top"}, w.Names(allKinds...))

	require.NoError(t, w.state.Set(readonly.Grant(t.Context()), "top", 1, nil))
	require.Equal(t, plan.Done(), w.advance(change))
	require.Equal(t, []string{"ConfigMap/theirs", "Job/top"}, w.Names(allKinds...), "labels alone do not make it ours")
}

func TestAQueryWaitsForItsNamespace(t *testing.T) {
	w := newWorld(t)
	w.app.definitions[0].Namespace.Name = "not-yet"
	stand := w.advance(w.planned())
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Contains(t, stand.Words, "namespace not-yet does not exist yet")
	n, err := w.noted(t.Context(), "top")
	require.NoError(t, err)
	require.False(t, n.made())
}

func TestTheKeyOfTheRequestorIsMounted(t *testing.T) {
	w := newWorld(t)
	q := &w.app.definitions[0]
	q.Output, q.Requestor = encrypted, &requestor{OrgUsername: "dana", PublicGpgKey: base64.StdEncoding.EncodeToString([]byte("key"))[:2] + "\n" + base64.StdEncoding.EncodeToString([]byte("key"))[2:]}
	w.app.settings.Smtp = &smtpSettings{MailAddress: "example.com"}
	w.advance(w.planned())
	require.Equal(t, map[string]any{keyFile: "a2V5"}, w.Get("ConfigMap", "top-gpg-key")["data"])
}
