package clusters

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	standin "github.com/app-sre/qontract-temporal/internal/standin/ocm"
)

// world is an OCM with nothing in it, and an app-interface with one cluster.
type world struct {
	*reconciler
	ocm   *standin.Server
	t     *testing.T
	file  file
	clock time.Time
}

// MakeRequest implements graphql.Client.
func (w *world) MakeRequest(_ context.Context, _ *graphql.Request, resp *graphql.Response) error {
	if answer, ok := resp.Data.(*OCMClustersResponse); ok {
		answer.Clusters = []file{w.file}
		return nil
	}
	// The cluster that Jobs run in.
	return json.Unmarshal([]byte(`{"jobClusters": [{"name": "prod-1"}]}`), resp.Data)
}

func newWorld(t *testing.T, f file, kubernetes jobs.Kubernetes) *world {
	t.Helper()
	estate, err := standin.ParseEstate([]byte(`
now: 2031-03-14T08:00:00Z
clients: {bot: {secret: qt-planted-ocm, organizations: [org-1]}}
organizations: {org-1: {name: one}}
versions: {4.9.1: {}, 4.8.10: {}}
`))
	require.NoError(t, err)
	w := &world{t: t, file: f, ocm: standin.New(estate), clock: time.Unix(1_900_000_000, 0)}
	server := httptest.NewServer(w.ocm)
	t.Cleanup(server.Close)
	client, err := ocmapi.New(ocmapi.Config{URL: server.URL, TokenURL: server.URL + "/token", ClientID: "bot", ClientSecret: secret.New("qt-planted-ocm")})
	require.NoError(t, err)
	w.reconciler = &reconciler{
		at:      func(reconcile.Scope) graphql.Client { return w },
		connect: func(context.Context, ocmapi.Access) (ocm, error) { return client, nil },
		kubernetes: func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error) {
			return kubernetes, nil
		},
		now: func() time.Time { return w.clock },
	}
	return w
}

func (w *world) scope() reconcile.Scope {
	return reconcile.Scope{Integration: Name, Name: w.file.Name, Args: plan.Args{
		"job-controller-cluster": {"prod-1"}, "job-controller-namespace": {jobstest.Namespace}, "rosa-job-service-account": {"rosa"}, "rosa-role": {"ROSA"}, "rosa-job-image": {"rosa:1"},
	}}
}

// planned are the changes that a run finds.
func (w *world) planned() []plan.Change[Item] {
	w.t.Helper()
	desired, err := w.Desired(w.t.Context(), w.scope())
	require.NoError(w.t, err)
	current, err := w.Current(w.t.Context(), w.scope(), desired)
	require.NoError(w.t, err)
	changes, problems := plan.Diff(desired, current)
	require.Empty(w.t, problems)
	return changes
}

func (w *world) due() []string {
	w.t.Helper()
	names, err := w.Due(w.t.Context(), w.scope(), []string{w.file.Name})
	require.NoError(w.t, err)
	return names
}

func (w *world) advance(c plan.Change[Item], afresh bool) plan.Stand {
	w.t.Helper()
	stand, err := w.Advance(readonly.Grant(w.t.Context()), w.scope(), c, afresh)
	require.NoError(w.t, err)
	return stand
}

func TestAClusterIsWaitedForUntilItIsReady(t *testing.T) {
	w := newWorld(t, osdFile(func(f *specClusterSpecOSDV1) { f.Version = "" }), nil)
	require.Equal(t, []string{"c"}, w.due())
	change := w.planned()[0]
	require.Equal(t, "create cluster c", change.Summary)
	stand := w.advance(change, false)
	require.Equal(t, plan.Waiting("OCM has been asked for cluster c").Until(w.clock.Add(2*time.Minute)), stand)
	require.Equal(t, "OCM makes cluster c, which is in the state installing", w.advance(change, false).Words)
	require.Empty(t, w.due(), "its workflow looks after it")
	require.Empty(t, w.planned())
	require.ErrorContains(t, w.Skip(t.Context(), w.scope(), change), "create cluster c cannot be skipped")

	w.ocm.Advance(time.Hour)
	require.Equal(t, plan.Done(), w.advance(change, false))
	require.Equal(t, []string{"c"}, w.due(), "its datafile does not know of it")
	desired, err := w.Desired(t.Context(), w.scope())
	require.NoError(t, err)
	require.Len(t, desired, 2)
	require.Equal(t, "id-of-c", desired[1].Fill.Spec["id"])
}

func TestAClusterThatCannotBeInstalledWaitsForAPerson(t *testing.T) {
	w := newWorld(t, osdFile(func(*specClusterSpecOSDV1) {}), nil)
	live := &seen{}
	live.State, live.Status.ProvisionErrorMessage = ocmapi.ClusterError, "no quota"
	stand, err := w.make(t.Context(), w.scope(), w.file, nil, live, false)
	require.NoError(t, err)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "OCM could not install cluster c: no quota")
}

func TestAJobOfAClusterIsMadeOnceAndRunAgainWhenAPersonAsksForIt(t *testing.T) {
	kubelet := jobstest.New(t)
	w := newWorld(t, rosaFile(false, func(*specClusterSpecROSAV1) {}), kubelet.Client)
	change := w.planned()[0]
	stand := w.advance(change, false)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	names := kubelet.Names("Job", "Secret")
	require.Len(t, names, 2)
	w.advance(change, false)
	require.Equal(t, names, kubelet.Names("Job", "Secret"))

	job := names[0][len("Job/"):]
	kubelet.Ended(job, false)
	stand = w.advance(change, false)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "cluster r-1 cannot be made: Job "+job+" failed: it says so")
	require.Equal(t, plan.PhaseWaiting, w.advance(change, true).Phase)
	kubelet.Ended(job, true)
	require.Contains(t, w.advance(change, false).Words, "Job "+job+" is complete; OCM does not have cluster r-1 yet")

	w.file.MachinePools[0].InstanceType = "m5.large"
	w.advance(change, false)
	require.Len(t, kubelet.Names("Job"), 2, "a datafile that was corrected is another Job")
}

func TestAClusterThatWasThereIsNotMadeAgain(t *testing.T) {
	for name, f := range map[string]file{
		"of OCM's":  osdFile(func(f *specClusterSpecOSDV1) { f.Id = "gone" }),
		"of ROSA's": rosaFile(true, func(f *specClusterSpecROSAV1) { f.ExternalId = "gone" }),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, f, nil)
			err := w.Vet(t.Context(), w.scope(), w.planned()[0])
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, "has its ID, so that it was there")
			_, err = w.Advance(readonly.Grant(t.Context()), w.scope(), w.planned()[0], false)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		})
	}
}
