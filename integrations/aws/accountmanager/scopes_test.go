package accountmanager

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// estateOfAccounts has two organisations, of which one is disabled, and accounts outside of them.
const estateOfAccounts = `[
	{"name": "payer", "account_requests": [{"name": "acme"}]},
	{"name": "shop", "organization": {"payerAccount": {"name": "payer"}}},
	{"name": "off", "organization": {"payerAccount": {"name": "payer"}}, "disable": {"integrations": ["aws-account-manager"]}},
	{"name": "resting", "account_requests": [{"name": "later"}], "disable": {"integrations": ["aws-account-manager"]}},
	{"name": "below", "organization": {"payerAccount": {"name": "resting"}}},
	{"name": "solo", "disable": {"integrations": ["another"]}}
]`

func TestScopesAreAccounts(t *testing.T) {
	var accounts []account
	require.NoError(t, json.Unmarshal([]byte(estateOfAccounts), &accounts))
	for _, tc := range []struct {
		name, only string
		want       []string
	}{
		{"all that are enabled", "", []string{"payer", "payer/acme", "payer/shop", "solo"}},
		{"a payer account with those of its organisation", "payer", []string{"payer", "payer/acme", "payer/shop"}},
		{"an account of an organisation as such", "shop", []string{"payer/shop"}},
		{"one that is asked for", "acme", []string{"payer/acme"}},
		{"one outside an organisation", "solo", []string{"solo"}},
		{"none below a disabled payer account", "below", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := reconcile.Scope{Integration: Name, Args: plan.Args{}}
			if tc.only != "" {
				s.Args[accountName] = []string{tc.only}
			}
			require.Equal(t, tc.want, slices.Sorted(maps.Keys(subjects(accounts, s))))
		})
	}
}
