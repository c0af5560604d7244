package views_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/views"
)

func TestListsOfRuns(t *testing.T) {
	e := newEstate(t, "", "quay", "users")
	e.begin(t, "quay", "quay", says{Outcome: "applied", Changes: 2})
	e.begin(t, "quay", "quay/prod-1", says{Outcome: "applied", Scope: "prod-1", Changes: 2})
	e.begin(t, "quay", "quay/dry-run/cb4f463a-cb29-47d2-8a55-c53add6123cf", says{Outcome: "planned", Changes: 5, DryRun: true})
	e.begin(t, "quay", "quay/dry-run/cb4f463a-cb29-47d2-8a55-c53add6123cf/prod-1", says{Outcome: "planned", Scope: "prod-1", DryRun: true})
	e.begin(t, "users", "users", says{Fails: true})
	e.begin(t, "users", "users", says{Outcome: "invalid", Fails: true})
	e.begin(t, "users", "users", says{Stays: true})
	e.begin(t, "users", "users/prod-1", says{Stays: true})
	e.begin(t, "stranger", "stranger", says{Outcome: "applied"})

	all := []string{"quay", "users"}
	for _, tc := range []struct {
		name   string
		filter views.Filter
		want   []string
	}{
		{"all, those that go on first", views.Filter{Integrations: all}, []string{"users running", "users invalid", "users failed", "quay/dry-run/cb4f463a-cb29-47d2-8a55-c53add6123cf planned", "quay applied"}},
		{"of one integration", views.Filter{Integrations: all[:1]}, []string{"quay/dry-run/cb4f463a-cb29-47d2-8a55-c53add6123cf planned", "quay applied"}},
		{"by outcome, also of what failed before it could say so", views.Filter{Integrations: all, Outcomes: []string{"failed", "applied"}}, []string{"users failed", "quay applied"}},
		{"that go on", views.Filter{Integrations: all, Outcomes: []string{"running"}}, []string{"users running"}},
		{"of a scope, also of one that has said nothing yet", views.Filter{Integrations: all, Scope: "prod-1"}, []string{"users/prod-1 running", "quay/dry-run/cb4f463a-cb29-47d2-8a55-c53add6123cf/prod-1 planned", "quay/prod-1 applied"}},
		{"of a scope that there is not", views.Filter{Integrations: all, Scope: "prod-2"}, nil},
		{"since later", views.Filter{Integrations: all, Since: time.Now().Add(time.Hour)}, nil},
		{"since an hour ago", views.Filter{Integrations: all[1:], Since: time.Now().Add(-time.Hour), Outcomes: []string{"invalid"}}, []string{"users invalid"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.filter.Most = 10
			var got []string
			await(t, func() bool {
				listed, err := e.Runs(t.Context(), tc.filter)
				require.NoError(t, err)
				require.False(t, listed.More)
				require.False(t, listed.Unsearchable)
				got = nil
				for _, run := range listed.Runs {
					got = append(got, run.WorkflowID+" "+run.Outcome)
				}
				return len(got) == len(tc.want)
			})
			require.Equal(t, tc.want, got)
		})
	}
	t.Run("not more than are wanted", func(t *testing.T) {
		listed, err := e.Runs(t.Context(), views.Filter{Integrations: all, Most: 4})
		require.NoError(t, err)
		require.Len(t, listed.Runs, 4)
		require.True(t, listed.More)
		require.True(t, listed.Runs[3].DryRun)
		require.EqualValues(t, 5, *listed.Runs[3].Changes)
		require.Equal(t, e.Links.Run(listed.Runs[3].WorkflowID, listed.Runs[3].RunID), listed.Runs[3].UI)
		listed, err = e.Runs(t.Context(), views.Filter{Integrations: all, Most: 5})
		require.NoError(t, err)
		require.Len(t, listed.Runs, 5)
		require.False(t, listed.More)
	})
}
