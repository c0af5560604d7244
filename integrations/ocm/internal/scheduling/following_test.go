package scheduling_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
)

const fleetOfTest = `
now: 2031-03-14T08:00:00Z
clients:
  bot: {secret: qt-planted-bot}
organizations:
  id-acme: {name: acme}
versions:
  4.16.1: {upgradesTo: [4.16.2]}
  4.16.2: {}
clusters:
  ca: {name: a, organization: id-acme, version: 4.16.1}
  cs: {name: slow, organization: id-acme, version: 4.16.1, upgradeTakes: 8h}
  cd: {name: delayed, organization: id-acme, version: 4.16.1, upgradesDelayedUntil: 2031-03-14T20:00:00Z}
  ch: {name: hosted, organization: id-acme, version: 4.16.2, product: rosa, hypershift: true, nodePools: {w1: {version: 4.16.1}}}
`

// watched is an upgrade that is followed on a stand-in for OCM.
type watched struct {
	scheduling.Following
	secrets secret.Reader
	ocm     *ocm.Server
	client  *ocmapi.Client
	change  plan.Change[scheduling.Item]
	began   time.Time
}

func follow(t *testing.T, p upgrades.Policy) *watched {
	t.Helper()
	estate, err := ocm.ParseEstate([]byte(fleetOfTest))
	require.NoError(t, err)
	w := &watched{ocm: ocm.New(estate), began: *estate.Now}
	serving := httptest.NewServer(w.ocm)
	t.Cleanup(serving.Close)
	secrets, err := config.Parse("secrets.toml", "[graphql]\nserver = \"http://unused\"\n[ocm]\nsecret = \"qt-planted-bot\"\n[prometheus]\ntoken = \"qt-planted-token\"\n")
	require.NoError(t, err)
	w.secrets = configfile.New(secrets.Secrets)
	pool := ocmapi.NewPool(w.secrets)
	access := ocmapi.Access{URL: serving.URL, TokenURL: serving.URL + "/token", ClientID: "bot", ClientSecret: secret.Ref{Path: "ocm", Field: "secret"}}
	w.client, err = pool.Connect(t.Context(), access)
	require.NoError(t, err)
	w.Following = scheduling.Following{Scheduler: &scheduling.Scheduler{Kind: scheduling.Clusters{}, OCM: pool}}
	p.Version, p.ScheduleType, p.NextRun = "4.16.2", upgrades.Manual, w.began.Add(time.Hour)
	w.change = plan.Change[scheduling.Item]{
		Head: plan.Head{Action: plan.Create}, Desired: &scheduling.Item{Upgrade: &scheduling.Upgrade{Cluster: "a", Policy: p, Access: &access}},
	}
	return w
}

// look looks at the upgrade when so much time has gone by since the begin, for the first time or again.
func (w *watched) look(t *testing.T, since time.Duration, first bool) (plan.Stand, error) {
	t.Helper()
	now, err := w.client.Now(t.Context())
	require.NoError(t, err)
	w.ocm.Advance(w.began.Add(since).Sub(now))
	w.change.Begun = !first
	return w.Advance(readonly.Grant(t.Context()), reconcile.Scope{}, w.change, false)
}

func (w *watched) policies(t *testing.T) []ocmapi.UpgradePolicy {
	t.Helper()
	policies, err := w.client.ListUpgradePolicies(t.Context(), w.change.Desired.Upgrade.Policy.ClusterID)
	require.NoError(t, err)
	return policies
}

func TestAnUpgradeIsFollowedToItsEnd(t *testing.T) {
	type seen struct {
		after time.Duration
		words string
		phase plan.Phase
		late  bool
	}
	for name, tc := range map[string]struct {
		policy upgrades.Policy
		looks  []seen
	}{
		"one that begins in time and completes": {upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"}, []seen{
			{0, "scheduled for 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{70 * time.Minute, "started at 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{122 * time.Minute, "completed", plan.PhaseDone, false},
		}},
		"one whose policy is gone when somebody looks again": {upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"}, []seen{
			{0, "scheduled for 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{24 * time.Hour, "completed: it runs 4.16.2", plan.PhaseDone, false},
		}},
		"one that is stuck": {upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "cs"}, []seen{
			{0, "scheduled for 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{6*time.Hour + 59*time.Minute, "started at 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{7 * time.Hour, "started at 2031-03-14 09:00:00; it takes longer than six hours: look at the cluster", plan.PhaseWaiting, true},
			{9*time.Hour + time.Minute, "completed", plan.PhaseDone, false},
		}},
		"one that OCM holds back": {upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "cd"}, []seen{
			{0, "scheduled for 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{2 * time.Hour, "delayed by OCM since 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{8 * time.Hour, "delayed by OCM since 2031-03-14 09:00:00; it takes longer than six hours: look at the cluster", plan.PhaseWaiting, true},
		}},
		"one of a node pool": {upgrades.Policy{Kind: upgrades.NodePoolPolicy, ClusterID: "ch", NodePool: "w1"}, []seen{
			{0, "scheduled for 2031-03-14 09:00:00", plan.PhaseWaiting, false},
			{24 * time.Hour, "completed: it runs 4.16.2", plan.PhaseDone, false},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := follow(t, tc.policy)
			for i, want := range tc.looks {
				got, err := w.look(t, want.after, i == 0)
				require.NoError(t, err)
				require.Equal(t, want.words, got.Words)
				require.Equal(t, want.phase, got.Phase)
				require.Equal(t, want.late, got.Late)
				require.Equal(t, got.Phase == plan.PhaseWaiting, got.NotBefore != nil, "the clock of OCM is not ours, so there is a time by ours")
			}
		})
	}
}

func TestAPolicyIsMadeOnce(t *testing.T) {
	w := follow(t, upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"})
	for range 2 {
		_, err := w.look(t, 0, true)
		require.NoError(t, err)
		require.Len(t, w.policies(t), 1)
	}
	require.NoError(t, w.client.DeleteUpgradePolicy(readonly.Grant(t.Context()), "ca", w.policies(t)[0].ID))
	_, err := w.look(t, time.Minute, false)
	require.ErrorContains(t, err, "its upgrade policy is gone from OCM before it has begun, and it runs 4.16.1: it was withdrawn")
	require.True(t, apierr.Is(err, apierr.Invalid), "nobody follows it any more")
	require.Empty(t, w.policies(t), "what was withdrawn is not made again")
	_, err = w.Advance(readonly.Grant(t.Context()), reconcile.Scope{}, w.change, true)
	require.NoError(t, err)
	require.Len(t, w.policies(t), 1, "a person may ask for another attempt")
}

func TestAnUpgradeWhosePolicyVanishesInTheMiddleIsWaitedForAWhile(t *testing.T) {
	w := follow(t, upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"})
	got, err := w.look(t, 61*time.Minute, false)
	require.NoError(t, err)
	require.Equal(t, "the policy is gone from OCM, and it still runs 4.16.1", got.Words)
	_, err = w.look(t, 7*time.Hour, false)
	require.ErrorContains(t, err, "its upgrade policy is gone from OCM, and it still runs 4.16.1")
	_, err = w.look(t, 7*time.Hour, true)
	require.ErrorContains(t, err, "OCM has no upgrade policy for it, its window began at 2031-03-14 09:00:00, and it runs 4.16.1: the next run decides anew")
	require.Empty(t, w.policies(t), "a window that is over is not taken")
}
