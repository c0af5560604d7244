package resources

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestClustersAreNamedOrLeftOut(t *testing.T) {
	r := New(kubeapi.Owner{}, &Source{Providers: []string{ProviderVaultSecret}, Read: read(t, `[
		{"name": "a", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret"}]},
		{"name": "a", "cluster": {"name": "edge-1"}, "openshiftResources": [{"provider": "vault-secret"}]}
	]`)}, clients.Clusters{})
	for _, tc := range []struct {
		name string
		args plan.Args
		want []string
	}{
		{"all", nil, []string{"edge-1", "prod-1"}},
		{"one by its name", plan.Args{"cluster-name": {"prod-1"}}, []string{"prod-1"}},
		{"all but one", plan.Args{"exclude-cluster": {"prod-1"}}, []string{"edge-1"}},
		{"both", plan.Args{"cluster-name": {"prod-1"}, "exclude-cluster": {"edge-1"}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			clusters, err := r.Shards(t.Context(), reconcile.Scope{Args: tc.args})
			if tc.want == nil {
				require.True(t, apierr.Is(err, apierr.Invalid))
				require.ErrorContains(t, err, "cannot be used together")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, clusters)
		})
	}
}
