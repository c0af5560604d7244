package accountmanager

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// subject is the account that a scope is about: one that is there, one that is asked for, or by mistake both.
type subject struct {
	// payer is nil outside an organisation.
	payer    *account
	account  *account
	requests []accountRequest
}

// accounts returns all accounts of app-interface.
func (r *reconciler) accounts(ctx context.Context, s reconcile.Scope) ([]account, error) {
	answer, err := AWSAccounts(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Accounts, nil
}

// subjects returns what the run is about, by the names of the scopes.
//
// Differs from the reference: an account of an organisation is left out where its payer account disables the integration,
// or where it does so itself. The reference takes the accounts of such a payer account for ones outside an organisation,
// and enters them with their own access keys.
//
// Differs from the reference: --account-name of an account in an organisation, or of one that is asked for, runs this one
// alone as what it is. The reference takes the former for an account outside an organisation, and does not find the latter.
func subjects(accounts []account, s reconcile.Scope) map[string]*subject {
	byName := map[string]*account{}
	for i := range accounts {
		byName[accounts[i].Name] = &accounts[i]
	}
	found := map[string]*subject{}
	at := func(payer *account, name string) *subject {
		scope := name
		if payer != nil {
			scope = payer.Name + "/" + name
		}
		if found[scope] == nil {
			found[scope] = &subject{payer: payer}
		}
		return found[scope]
	}
	for i := range accounts {
		a := &accounts[i]
		if a.disables(s.Integration) {
			continue
		}
		for _, request := range a.AccountRequests {
			if s.Args.Allows(accountName, request.Name) || s.Args.Allows(accountName, a.Name) {
				of := at(a, request.Name)
				of.requests = append(of.requests, request)
			}
		}
		var payer *account
		if a.Organization != nil {
			payer = byName[a.Organization.PayerAccount.Name]
		}
		switch {
		case payer != nil && payer.disables(s.Integration):
		case s.Args.Allows(accountName, a.Name), payer != nil && s.Args.Allows(accountName, payer.Name):
			at(payer, a.Name).account = a
		}
	}
	return found
}

// subject returns what the scope is about.
func (r *reconciler) subject(ctx context.Context, s reconcile.Scope) (*subject, []account, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	found := subjects(accounts, s)[s.Name]
	if found == nil {
		return nil, nil, apierr.Errorf(apierr.Invalid, "app-interface has no AWS account or account request %s: add it, or cancel what is under way for it", s.Name)
	}
	return found, accounts, nil
}

func (v *account) disables(integration string) bool {
	return v.Disable != nil && slices.Contains(v.Disable.Integrations, integration)
}

// pays says whether accounts are asked for at this one, or are in its organisation.
func (v *account) pays(all []account) bool {
	return len(v.AccountRequests) > 0 || slices.ContainsFunc(all, func(a account) bool {
		return a.Organization != nil && a.Organization.PayerAccount.Name == v.Name
	})
}

// manager is the role that manages the organisation.
func (v *account) manager() string {
	if v.AutomationRole == nil {
		return ""
	}
	return v.AutomationRole.AwsAccountManager
}

// datafile is a path of GraphQL as it is in the repository.
func datafile(path string) string { return "data" + path }
