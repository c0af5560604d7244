package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestFlagsOfDryRunsAreRefusedInRunsThatWrite(t *testing.T) {
	d := reconcile.Definition{Name: "openshift-widgets", Params: []reconcile.Param{
		{Name: "exclude-cluster", Type: reconcile.Strings, DryRunOnly: true},
		{Name: "cluster-name", Type: reconcile.Strings, OneToWrite: true},
		{Name: "namespace-name", Type: reconcile.Strings},
	}}
	for _, tc := range []struct {
		name    string
		given   plan.Args
		refused string
	}{
		{"nothing", nil, ""},
		{"one value of a flag that takes one", plan.Args{"cluster-name": {"prod-1"}}, ""},
		{"several values of a flag that takes one", plan.Args{"cluster-name": {"prod-1", "edge-1"}}, "--cluster-name takes several values in dry runs only; add --dry-run or give one"},
		{"a flag of dry runs", plan.Args{"exclude-cluster": {"prod-1"}}, "--exclude-cluster is for dry runs only; add --dry-run or leave it out"},
		{"several values of another flag", plan.Args{"namespace-name": {"a", "b"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.NoError(t, d.Permit(tc.given, true))
			err := d.Permit(tc.given, false)
			if tc.refused == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tc.refused)
			require.True(t, apierr.Is(err, apierr.Invalid))
		})
	}
}
