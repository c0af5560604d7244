package accountmanager

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Differs from the reference: a fault in the data of an account stops this account alone. The reference ends, and does
// nothing for any account.

// payerFaults are what keeps all accounts of an organisation from being managed.
func payerFaults(payer *account) []error {
	var faults []error
	if !payer.PremiumSupport {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "the payer account %s has no premium support, through which that of its accounts is asked for: set premiumSupport in %s", payer.Name, datafile(payer.Path)))
	}
	if payer.manager() == "" {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "the payer account %s has no role to manage its accounts: set automationRole.awsAccountManager in %s", payer.Name, datafile(payer.Path)))
	}
	return faults
}

// faults are what keeps an account from being managed.
func (v *account) faults(all []account) []error {
	var faults []error
	if v.pays(all) {
		faults = payerFaults(v)
	}
	if v.SecurityContact == nil {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "AWS account %s has no security contact: add securityContact to %s", v.Name, datafile(v.Path)))
	}
	files := map[string][]string{}
	var twice []string
	for _, limits := range v.QuotaLimits {
		for _, q := range limits.Quotas {
			name := Quota{Service: q.ServiceCode, Code: q.QuotaCode}.String()
			if len(files[name]) == 1 {
				twice = append(twice, name)
			}
			files[name] = append(files[name], datafile(limits.Path))
		}
	}
	for _, name := range twice {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "AWS account %s has the quota %s more than once, in %s: keep one, or take a file off its quotaLimits in %s", v.Name, name, strings.Join(slices.Compact(files[name]), " and "), datafile(v.Path)))
	}
	return faults
}

// requestFaults are what keeps an account that is asked for from being made: AWS makes another one at each request.
//
// Differs from the reference: an account is not made while it is asked for twice, at one payer account or at two, or
// while there is one of its name. The reference asks the payer accounts one after the other, and finds out nothing.
func requestFaults(request accountRequest, all []account) []error {
	var requests, accounts []string
	for _, a := range all {
		for _, other := range a.AccountRequests {
			if other.Name == request.Name {
				requests = append(requests, datafile(other.Path))
			}
		}
		if a.Name == request.Name {
			accounts = append(accounts, datafile(a.Path))
		}
	}
	slices.Sort(requests)
	var faults []error
	if len(requests) > 1 {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "AWS account %s is asked for more than once, in %s: keep one of them", request.Name, strings.Join(requests, " and ")))
	}
	if len(accounts) > 0 {
		faults = append(faults, apierr.Errorf(apierr.Invalid, "AWS account %s is asked for in %s, and there is one of this name in %s: remove the request, or give it another name", request.Name, datafile(request.Path), strings.Join(accounts, " and ")))
	}
	return faults
}
