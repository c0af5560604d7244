package aws

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// plans are the support plans, by what a person may choose.
var plans = []string{"", "basic", "developer", "business", "enterprise"}

// ParseEstate reads an estate from YAML. An unknown key, an ID of the wrong form, and a reference to something that is
// not there are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("aws estate: %w", err)
	}
	return estate, estate.check()
}

func (e Estate) check() error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("aws estate: "+format, args...))
	}
	for id, organization := range e.Organizations {
		if organization == nil {
			fault("organisation %s is null: write down its management account and root", id)
			continue
		}
		e.checkOrganization(id, organization, fault)
	}
	// AWS has each alias, address, bucket and access key once.
	seen := map[string]bool{}
	once := func(kind, value string) {
		if value != "" && seen[kind+value] {
			fault("the %s %s is there twice: AWS has each once", kind, value)
		}
		seen[kind+value] = true
	}
	for id, account := range e.Accounts {
		if account == nil {
			fault("account %s is null: write down its name and email", id)
			continue
		}
		e.checkAccount(id, account, fault)
		once("alias", account.Alias)
		once("email", account.Email)
		for bucket := range account.Buckets {
			once("bucket", bucket)
		}
		for _, user := range account.Users {
			if user == nil {
				continue
			}
			for key := range user.Keys {
				once("key", key)
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func (e Estate) checkOrganization(id string, organization *Organization, fault func(string, ...any)) {
	if e.Accounts[organization.Management] == nil {
		fault("the management account %s of organisation %s is not there", organization.Management, id)
	}
	for unit, details := range organization.Units {
		if details == nil || !organization.has(details.Parent) {
			fault("organisational unit %s has no parent that is there: name the root %s or another unit", unit, organization.Root)
		}
	}
}

func (e Estate) checkAccount(id string, account *Account, fault func(string, ...any)) {
	if !accountID.MatchString(id) {
		fault("%q is no account ID: use twelve digits, in quotes", id)
	}
	if account.Parent != "" && e.organizationOf(account) == nil {
		fault("account %s has the parent %s, which no organisation has", id, account.Parent)
	}
	if !slices.Contains(plans, account.Support) {
		fault("account %s has the support plan %q: use one of %v", id, account.Support, plans[1:])
	}
	policies := func(of string, arns []string) {
		for _, arn := range arns {
			if _, ok := e.policy(arn); !ok {
				fault("%s of account %s has the policy %s, which is not there: add it to policies", of, id, arn)
			}
		}
	}
	for name, user := range account.Users {
		if user == nil {
			fault("user %s of account %s is null: use {}", name, id)
			continue
		}
		policies("user "+name, user.Policies)
	}
	for name, role := range account.Roles {
		if role == nil {
			fault("role %s of account %s is null: use {}", name, id)
			continue
		}
		policies("role "+name, role.Policies)
	}
	for name, bucket := range account.Buckets {
		if bucket == nil || account.region(bucket.Region) == "" {
			fault("bucket %s of account %s has no region that AWS has", name, id)
		}
	}
	for region := range account.Regions {
		if !slices.Contains(optional, region) {
			fault("account %s has a status for region %s: only these can be enabled: %v", id, region, optional)
		}
	}
}
