package terraforminit

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// autoMergeToggle lets merge requests go in by themselves; it is off where nobody has switched it on.
const autoMergeToggle = Name + "-allow-auto-merge-mrs"

// Shards are the accounts to prepare.
//
// Differs from the reference: an account that fails leaves the others alone, while the reference ends at the first error.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(accounts))
	for i, of := range accounts {
		names[i] = of.Name
	}
	return names, nil
}

// Source implements reconcile.Sourced: the other steps read where merge requests go.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	accounts, err := r.accounts(ctx, s)
	if err != nil || len(accounts) == 0 {
		return err
	}
	if _, err := r.template(ctx, s); err != nil {
		return err
	}
	return r.requests(s).RepositoryInputs(ctx)
}

// Desired returns the bucket and the template collection, rendered. It alone asks for the time and the toggle, so that the
// merge request is the same on each attempt.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Part, error) {
	of, err := r.account(ctx, s)
	if err != nil {
		return nil, err
	}
	template, err := r.template(ctx, s)
	if err != nil {
		return nil, err
	}
	bucket := Part{Account: of.Name, Bucket: bucketName(of), Region: of.ResourcesDefaultRegion}
	content, err := jinja.Render(s.Args.String(templateFlag), template, map[string]any{
		"account_name": of.Name, "bucket_name": bucket.Bucket, "region": bucket.Region, "timestamp": r.now().Unix(),
	})
	if err != nil {
		return nil, err
	}
	return []Part{bucket, {
		Account: of.Name, Path: s.Args.String(collectionFlag) + "/" + of.Name + ".yml", Content: content,
		AutoMerge: r.enabled(ctx, autoMergeToggle, false),
	}}, nil
}

// bucketName is the reference's, and the estate's: Terraform's other integrations know the bucket by it.
func bucketName(of account) string { return "terraform-" + of.Name }

// template is the text of a template collection. All accounts have the same.
func (r *reconciler) template(ctx context.Context, s reconcile.Scope) (string, error) {
	found, err := r.at(s).Resource(ctx, s.Args.String(templateFlag))
	return found.Content, err
}

// accounts returns those that Terraform is to work in and that have no state yet.
func (r *reconciler) accounts(ctx context.Context, s reconcile.Scope) ([]account, error) {
	answer, err := TerraformInitAccounts(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var found []account
	for _, of := range answer.Accounts {
		switch {
		case of.TerraformUsername == "" || of.TerraformState != nil || !s.Args.Allows(accountFlag, of.Name):
		case of.Disable != nil && slices.Contains(of.Disable.Integrations, Name):
			logging.From(ctx).Debug("account skipped: its datafile disables the integration", "account", of.Name, "integration", Name)
		default:
			found = append(found, of)
		}
	}
	return found, nil
}

// account returns the account of the scope.
func (r *reconciler) account(ctx context.Context, s reconcile.Scope) (account, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return account{}, err
	}
	for _, of := range accounts {
		if of.Name == s.Name {
			return of, nil
		}
	}
	return account{}, apierr.Errorf(apierr.Invalid, "app-interface has no AWS account %s with a terraformUsername and without terraformState", s.Name)
}
