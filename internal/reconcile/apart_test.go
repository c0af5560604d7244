package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestRunsAreToldApartByFlags(t *testing.T) {
	d := reconcile.Definition{Name: "deploy", Apart: []string{"file", "env"}}
	for _, tc := range []struct {
		name, want string
		given      plan.Args
	}{
		{"without the flags it is the run of all", "deploy", plan.Args{"dry": {"true"}}},
		{"both", "deploy/run/cart/prod", plan.Args{"file": {"cart"}, "env": {"prod"}}},
		{"one of them", "deploy/run//prod", plan.Args{"env": {"prod"}}},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, d.RunID(tc.given)) })
	}
	require.Equal(t, "other", reconcile.Definition{Name: "other"}.RunID(plan.Args{"file": {"cart"}}))
}
