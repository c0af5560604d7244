package namespaces

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestDefinitionsAreSplitByTheirFlags(t *testing.T) {
	yes, no := true, false
	for name, tc := range map[string]struct {
		flags                     []*bool
		present, absent, disputed []string
	}{
		"no flag means that it is to exist":         {flags: []*bool{nil}, present: []string{"ledger"}},
		"a false flag means that it is to exist":    {flags: []*bool{&no}, present: []string{"ledger"}},
		"a flag means that it is to be gone":        {flags: []*bool{&yes}, absent: []string{"ledger"}},
		"no flag and a false one agree":             {flags: []*bool{nil, &no, nil}, present: []string{"ledger"}},
		"flags that agree count once":               {flags: []*bool{&yes, &yes, &yes}, absent: []string{"ledger"}},
		"the last definition alone contradicts":     {flags: []*bool{&yes, &yes, nil}, disputed: []string{"ledger"}},
		"the first definition alone contradicts":    {flags: []*bool{nil, &yes, &yes}, disputed: []string{"ledger"}},
		"a definition in the middle contradicts":    {flags: []*bool{&no, &yes, &no}, disputed: []string{"ledger"}},
		"without definitions there is no namespace": {},
	} {
		t.Run(name, func(t *testing.T) {
			var definitions []namespace
			for _, flag := range tc.flags {
				definitions = append(definitions, namespace{Name: "ledger", Delete: flag})
			}
			present, absent, disputed := split(definitions)
			require.Equal(t, tc.present, present)
			require.Equal(t, tc.absent, absent)
			require.Equal(t, tc.disputed, disputed)
		})
	}
	t.Run("another duplicate does not hide a contradiction, and the order is that of the definitions", func(t *testing.T) {
		present, absent, disputed := split([]namespace{
			{Name: "refunds"}, {Name: "ledger", Delete: &yes}, {Name: "old", Delete: &yes}, {Name: "ledger"}, {Name: "refunds"}, {Name: "api"},
		})
		require.Equal(t, []string{"refunds", "api"}, present)
		require.Equal(t, []string{"old"}, absent)
		require.Equal(t, []string{"ledger"}, disputed)
	})
}

func TestANamespaceThatIsBeingDeletedCountsAsGone(t *testing.T) {
	yes := true
	fake := &fakeCluster{live: []kubeapi.Namespace{
		{Name: "ledger", Terminating: true}, {Name: "old", Terminating: true}, {Name: "payments"}, {Name: "kiosk"},
	}}
	r := fake.reconciler(t, []namespace{{Name: "ledger"}, {Name: "old", Delete: &yes}, {Name: "payments"}})
	scope := reconcile.Scope{Integration: Name, Name: "prod-1"}
	desired, err := r.Desired(t.Context(), scope)
	require.NoError(t, err)
	current, err := r.Current(t.Context(), scope, desired)
	require.NoError(t, err)
	require.Equal(t, []Namespace{{Cluster: "prod-1", Name: "payments"}}, current)
	changes, problems := plan.Diff(desired, current)
	require.Empty(t, problems)
	require.Len(t, changes, 1)
	require.Equal(t, "create namespace ledger in cluster prod-1", changes[0].Summary)
	require.NoError(t, r.Vet(t.Context(), scope, changes[0]))
	require.NoError(t, r.Apply(t.Context(), scope, changes[0]))
	require.Equal(t, []string{"create ledger"}, fake.writes)
}

func TestAListThatCannotBeReadIsNoEmptyList(t *testing.T) {
	fake := &fakeCluster{fails: apierr.Errorf(apierr.Unavailable, "no answer")}
	r := fake.reconciler(t, []namespace{{Name: "ledger"}})
	_, err := r.Current(t.Context(), reconcile.Scope{Integration: Name, Name: "prod-1"}, nil)
	require.ErrorIs(t, err, fake.fails)
}

// fakeCluster is one cluster and the app-interface that describes it.
type fakeCluster struct {
	live   []kubeapi.Namespace
	fails  error
	writes []string
	answer []byte
}

func (f *fakeCluster) reconciler(t *testing.T, definitions []namespace) *reconciler {
	t.Helper()
	for i := range definitions {
		definitions[i].Cluster.Name = "prod-1"
	}
	var err error
	f.answer, err = json.Marshal(map[string]any{"namespaces": definitions})
	require.NoError(t, err)
	return &reconciler{
		at:      func(reconcile.Scope) graphql.Client { return f },
		connect: func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error) { return f, nil },
	}
}

func (f *fakeCluster) MakeRequest(_ context.Context, _ *graphql.Request, resp *graphql.Response) error {
	return json.Unmarshal(f.answer, resp.Data)
}

func (f *fakeCluster) ListNamespaces(context.Context) ([]kubeapi.Namespace, error) {
	return f.live, f.fails
}

func (f *fakeCluster) CreateNamespace(_ context.Context, name string) error {
	f.writes = append(f.writes, "create "+name)
	return nil
}

func (f *fakeCluster) DeleteNamespace(_ context.Context, name string) error {
	f.writes = append(f.writes, "delete "+name)
	return nil
}
