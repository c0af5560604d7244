package accountmanager

import (
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The gauges are the reference's.
var (
	payerCount    = metrics.Gauge{Name: "aws_account_manager_payer_account_count", Help: "Payer accounts.", Labels: []string{"flavor"}}
	memberCount   = metrics.Gauge{Name: "aws_account_manager_org_account_count", Help: "Accounts of a payer account's organisation.", Labels: []string{"flavor", "payer_account"}}
	separateCount = metrics.Gauge{Name: "aws_account_manager_non_org_account_count", Help: "Accounts outside the organisations of payer accounts.", Labels: []string{"flavor"}}
)

// measure counts the accounts of the run.
func measure(scope *metrics.Scope, accounts []account, s reconcile.Scope) {
	members := map[string]int{}
	for i := range accounts {
		a := &accounts[i]
		if s.Args.Allows(accountName, a.Name) && !a.disables(s.Integration) && a.pays(accounts) {
			members[a.Name] = 0
		}
	}
	separate := 0
	for i := range accounts {
		a := &accounts[i]
		if a.Organization != nil {
			if _, counted := members[a.Organization.PayerAccount.Name]; counted {
				members[a.Organization.PayerAccount.Name]++
				continue
			}
		}
		if s.Args.Allows(accountName, a.Name) && !a.disables(s.Integration) {
			separate++
		}
	}
	name := s.Args.String(flavor)
	scope.Set(payerCount, float64(len(members)), name)
	scope.Set(separateCount, float64(separate), name)
	for payer, count := range members {
		scope.Set(memberCount, float64(count), name, payer)
	}
}
