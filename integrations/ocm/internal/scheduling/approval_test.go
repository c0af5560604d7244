package scheduling_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

func TestAnUpgradeBeginsInTheWindowAfterItsApproval(t *testing.T) {
	w := follow(t, upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"})
	folder := t.TempDir()
	w.State = state.New(state.Options{Getenv: func(name string) string {
		return map[string]string{state.EnvURL: "file://" + folder}[name]
	}}).Store("upgrades")
	w.From = oneOrganization{Organization: scheduling.Organization{
		Organization: upgrades.Organization{Environment: "prod", ID: "id-acme", Name: "acme"}, Access: *w.change.Desired.Upgrade.Access,
	}}
	scope := reconcile.Scope{Integration: "upgrades", Name: "acme", Args: plan.Args{scheduling.ApproveOrgID: {"id-acme"}}}
	// desired are the changes that a run would make when so much time has gone by, but for soak days.
	desired := func(since time.Duration) (changes []plan.Change[scheduling.Item]) {
		t.Helper()
		now, err := w.client.Now(t.Context())
		require.NoError(t, err)
		w.ocm.Advance(w.began.Add(since).Sub(now))
		items, err := w.Desired(t.Context(), scope)
		require.NoError(t, err)
		current, err := w.Current(t.Context(), scope, items)
		require.NoError(t, err)
		all, problems := plan.Diff(items, current)
		require.Empty(t, problems)
		for _, change := range all {
			if change.Key != "version data" {
				changes = append(changes, change)
			}
		}
		return changes
	}

	first := desired(0)
	require.Len(t, first, 2)
	require.Equal(t, "upgrade/a", first[0].Key)
	require.Equal(t, "create approval: upgrade of cluster a to 4.16.2, when its schedule allows", first[0].Summary)
	require.Equal(t, "--approve-org-id asks for an approval of each upgrade in organisation id-acme", w.Approval(first[0]))
	require.False(t, w.Follows(first[0]), "an approval is written down, and that is all")
	require.Equal(t, first, desired(50*time.Minute), "what people are asked for does not change from run to run")

	var group sync.WaitGroup
	for _, change := range []plan.Change[scheduling.Item]{first[0], first[1], first[0]} {
		group.Go(func() { require.NoError(t, w.Apply(readonly.Grant(t.Context()), scope, change)) })
	}
	group.Wait()
	require.Empty(t, w.policies(t), "an approval makes no policy")

	second := desired(3 * time.Hour)
	require.Len(t, second, 2)
	require.Equal(t, "upgrade/a/4.16.2", second[0].Key)
	require.True(t, w.Follows(second[0]))
	require.Empty(t, w.Approval(second[0]))
	require.Equal(t, w.began.Add(3*time.Hour+7*time.Minute), second[0].Desired.Upgrade.Policy.NextRun)
}
