package accountmanager

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the accounts, those that are asked for among them.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return nil, err
	}
	measure(metrics.From(ctx), accounts, s)
	return slices.Sorted(maps.Keys(subjects(accounts, s))), nil
}

// Source implements reconcile.Sourced: all scopes read the same accounts, and those of requests one template and where
// merge requests go.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return err
	}
	for _, subject := range subjects(accounts, s) {
		if len(subject.requests) > 0 {
			if _, err := r.at(s).Resource(ctx, s.Args.String(accountTemplate)); err != nil {
				return err
			}
			return r.requests(s).RepositoryInputs(ctx)
		}
	}
	return nil
}

// Desired returns the steps of the account. What is wrong with it is a problem.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Step, error) {
	of, all, err := r.subject(ctx, s)
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	if of.payer != nil {
		if problems = payerFaults(of.payer); len(problems) > 0 {
			return nil, problems
		}
	}
	var steps []Step
	if len(of.requests) > 0 {
		request := of.requests[0]
		faults := requestFaults(request, all)
		problems = append(problems, faults...)
		if len(faults) == 0 {
			if steps, err = r.requestSteps(ctx, s, *of.payer, request); err != nil {
				return nil, err
			}
		}
	}
	if of.account != nil {
		faults := of.account.faults(all)
		problems = append(problems, faults...)
		if len(faults) == 0 {
			made, err := accountSteps(s, of.payer, *of.account)
			if err != nil {
				return nil, err
			}
			steps = append(steps, made...)
		}
	}
	return steps, problems.ErrorOrNil()
}

// origin is what all steps of an account have in common.
func origin(s reconcile.Scope, payer *account, name, uid, path string, own account) Step {
	made := Step{Account: name, UID: uid, File: datafile(path)}
	enter := own
	if payer != nil {
		enter = *payer
		made.Door.Manager = payer.manager()
	}
	made.Folder = s.Args.String(flavor) + "/" + enter.Name
	made.Door.Account, made.Door.UID, made.Door.Token, made.Door.Region = enter.Name, enter.Uid, enter.AutomationToken, enter.ResourcesDefaultRegion
	return made
}

// requestSteps lead to an account that is asked for.
func (r *reconciler) requestSteps(ctx context.Context, s reconcile.Scope, payer account, request accountRequest) ([]Step, error) {
	template, err := r.at(s).Resource(ctx, s.Args.String(accountTemplate))
	if err != nil {
		return nil, err
	}
	known, err := settings(s.Args, request.Name)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(request)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	secretPath, err := forAccount(userSecret, s.Args.String(userSecret), request.Name)
	if err != nil {
		return nil, err
	}
	uid := ""
	if request.Uid != nil {
		uid = *request.Uid
	}
	common := origin(s, &payer, request.Name, uid, request.Path, account{})
	var steps []Step
	if uid == "" {
		creation := common
		creation.Task, creation.Email = createAccount, request.AccountOwner.Email
		steps = append(steps, creation)
	}
	user := common
	user.Task = createUser
	user.User = &User{Name: s.Args.String(userName), Policy: s.Args.String(userPolicy), Secret: strings.Trim(secretPath, "/")}
	file := common
	file.Task = accountFile
	file.Addition = &Addition{
		// The reference does not put the account's name into the folder's.
		Path:         strings.Trim(s.Args.String(collectionRoot), "/") + "/" + request.Name + ".yml",
		TemplatePath: template.Path, Template: template.Content,
		Request: text, Settings: known, Timestamp: r.now().Unix(),
	}
	return append(steps, user, file), nil
}

// accountSteps set up an account that is there.
func accountSteps(s reconcile.Scope, payer *account, a account) ([]Step, error) {
	common := origin(s, payer, a.Name, a.Uid, a.Path, a)
	var steps []Step
	if payer != nil {
		tagged := common
		tagged.Task = tagAccount
		var err error
		if tagged.Tags, err = tagsOf(s.Args, *payer, a); err != nil {
			return nil, err
		}
		moved := common
		moved.Task, moved.Unit = moveAccount, a.Organization.Ou
		steps = append(steps, tagged, moved)
		if a.PremiumSupport {
			supported := common
			supported.Task = enterpriseSupport
			steps = append(steps, supported)
		}
	}
	named, raised, told, limited := common, common, common, common
	named.Task, named.Alias = accountAlias, cmp.Or(a.Alias, a.Name)
	raised.Task = serviceQuotas
	for _, limits := range a.QuotaLimits {
		for _, q := range limits.Quotas {
			raised.Quotas = append(raised.Quotas, Quota{Service: q.ServiceCode, Code: q.QuotaCode, Value: q.Value})
		}
	}
	told.Task = contactOfSecurity
	contact := *a.SecurityContact
	told.Contact = &Contact{Name: contact.Name, Title: cmp.Or(contact.Title, contact.Name), Email: contact.Email, Phone: contact.PhoneNumber}
	limited.Task, limited.Regions = supportedRegions, slices.Clone(a.SupportedDeploymentRegions)
	return append(steps, named, raised, told, limited), nil
}

// tagsOf are the tags of an account of an organisation: those of the flag, the payer account's for all, the account's
// own and its name, of which the later ones count.
func tagsOf(args plan.Args, payer, a account) (map[string]string, error) {
	tags, err := defaultTags(args)
	if err != nil {
		return nil, err
	}
	add := func(more appinterface.JSON, field, path string) error {
		if err := more.Decode(&tags); err != nil {
			return apierr.Errorf(apierr.Invalid, "%s in %s are not texts by name: %w", field, datafile(path), err)
		}
		return nil
	}
	if err := add(payer.OrganizationAccountTags, "organizationAccountTags", payer.Path); err != nil {
		return nil, err
	}
	if err := add(a.Organization.Tags, "organization.tags", a.Path); err != nil {
		return nil, err
	}
	tags["app-interface-name"] = a.Name
	return tags, nil
}
