package accountmanager

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// createAccount asks for the account once and follows the request. State has the request first, and then the account.
//
// Differs from the reference: before an account is asked for, the organisation is looked through for a request or an
// account of its name and the owner's e-mail, which an earlier attempt may have made without being able to note it.
//
// Differs from the reference: an account has to have the e-mail of the owner. The reference takes over whatever the
// request made.
func (r *reconciler) createAccount(ctx context.Context, a attempt) (plan.Stand, error) {
	organization, err := r.atPayer(ctx, a.Door)
	if err != nil {
		return plan.Stand{}, err
	}
	id := ""
	if _, err := a.book.read(ctx, createAccount, &id); err != nil {
		return plan.Stand{}, err
	}
	if id != "" {
		creation, err := organization.DescribeCreateAccountStatus(ctx, id)
		// AWS forgets requests after a while.
		if err != nil && !apierr.Is(err, apierr.Missing) {
			return plan.Stand{}, err
		}
		if err == nil {
			stand, err := a.follow(ctx, organization, creation)
			if err != nil || stand.Phase != plan.PhaseBlocked || !a.afresh {
				return stand, err
			}
		}
	}
	stand, err := a.adopt(ctx, organization)
	if err != nil || stand.Phase != "" {
		return stand, err
	}
	creation, err := organization.CreateAccount(ctx, a.Email, a.Account)
	if err != nil {
		return plan.Stand{}, err
	}
	if err := a.book.write(ctx, createAccount, creation.ID); err != nil {
		return plan.Stand{}, err
	}
	return a.follow(ctx, organization, creation)
}

// follow says how far a request for the account is.
func (a attempt) follow(ctx context.Context, organization payer, creation awsapi.AccountCreation) (plan.Stand, error) {
	switch creation.State {
	case awsapi.CreationInProgress:
		return plan.Waiting("AWS is making the account, request %s", creation.ID), nil
	case awsapi.CreationFailed:
		return plan.Blocked("AWS did not make the account, request %s: %s: %s, then retry the step", creation.ID, creation.FailureReason, a.remedy(creation.FailureReason)), nil
	case awsapi.CreationSucceeded:
		made, err := organization.DescribeAccount(ctx, creation.AccountID)
		if apierr.Is(err, apierr.Missing) {
			return plan.Waiting("AWS has made the account %s, and does not know it everywhere yet", creation.AccountID), nil
		}
		if err != nil {
			return plan.Stand{}, err
		}
		if !a.owns(made) {
			return plan.Blocked("request %s made the account %s with the e-mail %s, and the owner's is %s: correct accountOwner.email in %s, or retry the step to ask for another account", creation.ID, made.ID, made.Email, a.Email, a.File), nil
		}
		return a.made(ctx, made)
	}
	return plan.Stand{}, apierr.Errorf(apierr.Invalid, "request %s has the state %s, which this version does not know", creation.ID, creation.State)
}

// remedy says what a person does about a request that failed.
func (a attempt) remedy(reason string) string {
	switch reason {
	case "EMAIL_ALREADY_EXISTS":
		return "another AWS account has the e-mail " + a.Email + ", change accountOwner.email in " + a.File
	case "INVALID_EMAIL", "INVALID_ADDRESS":
		return "correct accountOwner.email in " + a.File
	case "ACCOUNT_LIMIT_EXCEEDED":
		return "have AWS raise the number of accounts that the organisation of " + a.Door.Account + " may have"
	case "GOVCLOUD_ACCOUNT_ALREADY_EXISTS", "CONCURRENT_ACCOUNT_MODIFICATION", "INTERNAL_FAILURE":
		return "wait an hour"
	}
	return "see to it in the payer account " + a.Door.Account
}

// adopt looks for what an earlier attempt made. The stand is empty where there is nothing.
func (a attempt) adopt(ctx context.Context, organization payer) (plan.Stand, error) {
	creations, err := organization.ListCreateAccountStatus(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	foreign, refused := plan.Stand{}, ""
	for _, creation := range creations {
		if creation.Name != a.Account {
			continue
		}
		if creation.State == awsapi.CreationFailed {
			refused = creation.ID
		}
		stand, err := a.follow(ctx, organization, creation)
		if err != nil {
			return plan.Stand{}, err
		}
		if stand.Phase == plan.PhaseBlocked {
			foreign = stand
			continue
		}
		return stand, a.book.write(ctx, createAccount, creation.ID)
	}
	accounts, err := organization.ListAccounts(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	for _, found := range accounts {
		if found.Name != a.Account || !a.owns(found) || found.State != "ACTIVE" {
			continue
		}
		// The reference asks for an account where the first of the two keys is missing.
		if err := a.book.write(ctx, createAccount, found.ID); err != nil {
			return plan.Stand{}, err
		}
		return a.made(ctx, found)
	}
	if a.afresh {
		return plan.Stand{}, nil
	}
	if refused != "" {
		// An earlier attempt asked for it. Asking again is for a person to say.
		if err := a.book.write(ctx, createAccount, refused); err != nil {
			return plan.Stand{}, err
		}
	}
	return foreign, nil
}

func (a attempt) owns(found awsapi.Account) bool { return strings.EqualFold(found.Email, a.Email) }

func (a attempt) made(ctx context.Context, account awsapi.Account) (plan.Stand, error) {
	if err := a.book.write(ctx, describeAccount, account.ID); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), nil
}
