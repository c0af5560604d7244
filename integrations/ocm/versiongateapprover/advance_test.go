package versiongateapprover

import (
	"context"
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	standin "github.com/app-sre/qontract-temporal/internal/standin/ocm"
)

// world is an OCM with a cluster before two gates, and the namespace for Jobs.
type world struct {
	*reconciler
	*jobstest.Kubelet
	t      *testing.T
	client *ocmapi.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	estate, err := standin.ParseEstate([]byte(`
clients: {bot: {secret: qt-planted-ocm}}
organizations: {org-1: {name: one}}
gates:
  sts-17: {version: "4.17", label: api.openshift.com/gate-sts}
  sts-18: {version: "4.18", label: api.openshift.com/gate-sts}
clusters: {c1: {name: c, organization: org-1, version: 4.16.1, product: rosa, sts: true}}
`))
	require.NoError(t, err)
	server := httptest.NewServer(standin.New(estate))
	t.Cleanup(server.Close)
	client, err := ocmapi.New(ocmapi.Config{URL: server.URL, TokenURL: server.URL + "/token", ClientID: "bot", ClientSecret: secret.New("qt-planted-ocm")})
	require.NoError(t, err)
	w := &world{t: t, client: client, Kubelet: jobstest.New(t)}
	w.reconciler = &reconciler{
		connect: func(context.Context, ocmapi.Access) (ocm, error) { return client, nil },
		kubernetes: func(context.Context, reconcile.Scope, appinterface.Cluster) (jobs.Kubernetes, error) {
			return w.Client, nil
		},
		now: time.Now,
	}
	return w
}

// change is the one that upgrades the cluster's roles.
func change() plan.Change[Item] {
	item := Item{
		Cluster: "c", ID: "c1", Gates: []gate{{ID: "sts-17", Label: upgrades.GateSTS, Minor: "4.17"}, {ID: "sts-18", Label: upgrades.GateSTS, Minor: "4.18"}},
		Roles: &roles{
			Settings: rosa.Settings{
				Place:          jobs.Place{Cluster: appinterface.Cluster{Name: "prod-1"}, Namespace: jobstest.Namespace},
				ServiceAccount: "rosa", Image: "rosa:1", Role: "ROSA",
			},
			Account: rosa.Account{UID: "123", Region: "us-east-1", Organization: "org-1"}, Prefix: "acme", Channel: "stable",
		},
	}
	return plan.Change[Item]{Head: plan.Head{Action: plan.Create, Key: item.Key(), Summary: "create " + item.Title()}, Desired: &item}
}

// advance carries a change on that is begun.
func (w *world) advance(afresh bool) plan.Stand {
	w.t.Helper()
	begun := change()
	begun.Begun = true
	return w.carry(begun, afresh)
}

func (w *world) carry(c plan.Change[Item], afresh bool) plan.Stand {
	w.t.Helper()
	stand, err := w.Advance(readonly.Grant(w.t.Context()), reconcile.Scope{Integration: Name, Name: "ocm"}, c, afresh)
	require.NoError(w.t, err)
	return stand
}

func (w *world) agreed() string {
	w.t.Helper()
	agreed, err := w.client.ListGateAgreements(w.t.Context(), "c1")
	require.NoError(w.t, err)
	return strings.Join(agreed, " ")
}

// running are the Jobs that have not ended, with their scripts.
func (w *world) running() map[string]string {
	w.t.Helper()
	scripts := map[string]string{}
	for _, name := range w.Names("Job") {
		name = strings.TrimPrefix(name, "Job/")
		status, _ := w.Get(jobs.JobKind, name)["status"].(map[string]any)
		if status["conditions"] == nil {
			data := w.Get("Secret", name)["data"].(map[string]any)
			script, err := base64.StdEncoding.DecodeString(data["execute.sh"].(string))
			require.NoError(w.t, err)
			scripts[name] = string(script)
		}
	}
	return scripts
}

func TestRolesAreUpgradedForOneVersionAfterTheOther(t *testing.T) {
	w := newWorld(t)
	require.True(t, w.Follows(change()))
	var did []string
	note := func(what string) {
		if len(did) == 0 || did[len(did)-1] != what {
			did = append(did, what)
		}
	}
	before := ""
	// A Job for the cluster's roles that was made in the second of the account's is made again, until the next one.
	for stand := w.advance(false); stand.Phase != plan.PhaseDone; stand = w.advance(false) {
		require.Equal(t, plan.PhaseWaiting, stand.Phase)
		if agreed := w.agreed(); agreed != before {
			before = agreed
			note("agreed " + agreed)
		}
		running := w.running()
		require.Len(t, running, 1, "one after the other")
		for job, script := range running {
			note(script)
			w.Ended(job, true)
		}
	}
	require.Equal(t, []string{
		"rosa upgrade account-roles --prefix acme --version 4.17 --channel-group stable -y -m=auto", "rosa upgrade operator-roles --cluster c1 -y -m=auto", "agreed sts-17",
		"rosa upgrade account-roles --prefix acme --version 4.18 --channel-group stable -y -m=auto", "rosa upgrade operator-roles --cluster c1 -y -m=auto",
	}, did)
	require.Equal(t, "sts-17 sts-18", w.agreed())
	require.Equal(t, plan.Done(), w.advance(false))
}

func TestNothingIsAgreedToWhereAJobFailed(t *testing.T) {
	w := newWorld(t)
	require.Contains(t, w.advance(false).Words, "the roles of account 123 are upgraded for 4.17: Job rosa-cli-")
	for job := range w.running() {
		w.Ended(job, false)
	}
	stand := w.advance(false)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "the roles of account 123 cannot be upgraded for 4.17: Job rosa-cli-")
	require.NotNil(t, stand.NotBefore, "the Job goes, and is made again")
	require.True(t, stand.Late, "people are told")
	require.Empty(t, w.running())
	require.Empty(t, w.agreed())

	require.Equal(t, plan.PhaseWaiting, w.advance(true).Phase)
	require.Len(t, w.running(), 1, "a person asked for it")
	for job := range w.running() {
		w.Ended(job, false)
	}
	require.Equal(t, plan.PhaseWaiting, w.carry(change(), false).Phase)
	require.Len(t, w.running(), 1, "it failed in the days of an earlier workflow")
	require.ErrorContains(t, w.Skip(t.Context(), reconcile.Scope{}, change()), "cannot be skipped")
}

func TestAnAgreementThatIsThereIsFine(t *testing.T) {
	w := newWorld(t)
	item := Item{Cluster: "c", ID: "c1", Gates: []gate{{ID: "sts-17", Label: upgrades.GateSTS, Minor: "4.17"}}}
	apply := func() error {
		return w.Apply(readonly.Grant(t.Context()), reconcile.Scope{}, plan.Change[Item]{Desired: &item})
	}
	require.NoError(t, apply())
	require.NoError(t, apply())
	require.Equal(t, "sts-17", w.agreed())
	item.Gates[0].ID = "none"
	require.True(t, apierr.Is(apply(), apierr.Missing))
}

func TestACommandTakesWordsAlone(t *testing.T) {
	w, c := newWorld(t), change()
	c.Desired.Roles.Prefix = "acme; rosa delete cluster"
	_, err := w.Advance(readonly.Grant(t.Context()), reconcile.Scope{}, c, false)
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.Empty(t, w.Names("Job"))
}
