package openshiftsaasdeploy

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/codehost"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Source implements reconcile.Sourced: steps read the saas files, the settings, and how to log in to hosts of code.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := readEstate(ctx, r.at(s)); err != nil {
		return err
	}
	return codehost.Inputs(ctx, r.at(s))
}

// Shards implements reconcile.Sharded: the saas files in their environments. A saas file that is not valid is a scope that
// fails.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	estate, err := r.estates.at(ctx, s, r.at(s))
	if err != nil {
		return nil, err
	}
	name, environment := s.Args.String("saas-file-name"), s.Args.String("env-name")
	if s.Args.Bool(RollbackFlag) && (name == "" || environment == "") {
		return nil, apierr.Errorf(apierr.Invalid, "--%s takes one saas file in one environment: add --saas-file-name and --env-name", RollbackFlag)
	}
	var scopes []string
	seen := map[string]bool{}
	for _, file := range estate.set.Where(name, "", environment) {
		for _, target := range file.Targets() {
			scope := scopeName(file.Name, target.Namespace.Environment.Name)
			if !seen[scope] && !target.Disabled() {
				seen[scope] = true
				scopes = append(scopes, scope)
			}
		}
	}
	for _, fault := range estate.set.Faults {
		if name == "" || fault.File == name {
			scopes = append(scopes, scopeName(fault.File, ""))
		}
	}
	if len(scopes) == 0 && len(estate.set.Where(name, "", environment)) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "no saas files found: correct --saas-file-name and --env-name")
	}
	return scopes, nil
}
