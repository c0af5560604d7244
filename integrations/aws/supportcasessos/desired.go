package supportcasessos

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the accounts with premiumSupport. As in the reference an account's disable.integrations is not asked.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range accounts {
		if a.PremiumSupport {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired asks AWS as well.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.accounts(ctx, s); err != nil {
		return err
	}
	return r.To(s).Inputs(ctx)
}

// Desired returns the account's exposed keys. Users are asked for their keys only where a case names one that deleteKeys
// lacks.
//
// Differs from the reference: an account whose support cases or users cannot be read fails, and the others go on. The
// reference passes over an account's cases with a line in its log, and breaks off for all where users cannot be read.
//
// Differs from the reference: a key that no user of the account has needs no request, also where the account has no
// users. The reference then asks for the deletion of every key that a support case names.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]ExposedKey, error) {
	of, err := r.account(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.connect(ctx, awsapi.Access{Account: of.Name, Credentials: of.AutomationToken, Region: supportRegion(of.Partition)})
	if err != nil {
		return nil, err
	}
	cases, err := client.ListCasesWithMessages(ctx)
	if err != nil {
		return nil, err
	}
	reported := exposedIn(cases)
	reported = slices.DeleteFunc(reported, func(key string) bool { return slices.Contains(of.DeleteKeys, key) })
	if len(reported) == 0 {
		return nil, nil
	}
	existing, err := keysOfAllUsers(ctx, client)
	if err != nil {
		return nil, err
	}
	var exposed []ExposedKey
	for _, key := range reported {
		if slices.Contains(existing, key) {
			exposed = append(exposed, ExposedKey{Account: of.Name, Path: "data" + of.Path, ID: key})
		}
	}
	return exposed, nil
}

// readsAtOnce bounds the users of an account that are read side by side.
const readsAtOnce = 10

// keysOfAllUsers asks for each user's keys: IAM lists them in no other way.
func keysOfAllUsers(ctx context.Context, client aws) ([]string, error) {
	users, err := client.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([][]string, len(users))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, user := range users {
		group.Go(func() error {
			found, err := client.ListAccessKeys(ctx, user)
			if apierr.Is(err, apierr.Missing) {
				// The user was deleted meanwhile.
				return nil
			}
			for _, key := range found {
				keys[i] = append(keys[i], key.ID)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(keys...), nil
}

// supportRegion is where AWS Support is; IAM is everywhere in the partition.
// Source: https://docs.aws.amazon.com/general/latest/gr/awssupport.html
func supportRegion(partition string) string {
	if partition == "aws-us-gov" {
		return "us-gov-west-1"
	}
	return "us-east-1"
}

func (r *reconciler) accounts(ctx context.Context, s reconcile.Scope) ([]account, error) {
	answer, err := SupportedAccounts(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Accounts, nil
}

// account returns the account of the scope.
func (r *reconciler) account(ctx context.Context, s reconcile.Scope) (account, error) {
	accounts, err := r.accounts(ctx, s)
	if err != nil {
		return account{}, err
	}
	for _, a := range accounts {
		if a.Name == s.Name && a.PremiumSupport {
			return a, nil
		}
	}
	return account{}, apierr.Errorf(apierr.Invalid, "app-interface has no AWS account %s with premiumSupport", s.Name)
}
