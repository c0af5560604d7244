package accountmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// userDone says whether state has the user and Vault its access key.
//
// Differs from the reference: a user whose access key is not in Vault is not done, and gets another key. The reference
// notes the user before it writes to Vault, and a key that is lost in between is lost for good.
func (r *reconciler) userDone(ctx context.Context, b book, want Step, was *Step) (bool, error) {
	was.User = &User{}
	noted, err := b.read(ctx, createUser, &was.User.Name)
	if err != nil || !noted {
		return false, err
	}
	kept, err := r.kept(ctx, want.User.Secret)
	return kept.id != "", err
}

// createUser makes the user, its access key and the secret with it, and sees that the key works.
func (r *reconciler) createUser(ctx context.Context, a attempt) (plan.Stand, error) {
	// A session in the payer account that cannot be had is an error. It is the role in the new account that takes a while.
	if _, err := r.atPayer(ctx, a.Door); err != nil {
		return plan.Stand{}, err
	}
	uid := a.UID
	if uid == "" {
		if _, err := a.book.read(ctx, describeAccount, &uid); err != nil {
			return plan.Stand{}, err
		}
	}
	if uid == "" {
		return plan.Waiting("the account is not there yet"), nil
	}
	inside, err := r.inside(ctx, a.Door, uid)
	if apierr.Is(err, apierr.Denied) {
		return plan.Waiting("the new account does not let its payer account in yet: %v", err), nil
	}
	if err != nil {
		return plan.Stand{}, err
	}
	stand, err := a.ensureUser(ctx, inside)
	if err != nil || stand.Phase != "" {
		return stand, err
	}
	kept, err := r.ensureKey(ctx, a, inside)
	if err != nil {
		return plan.Stand{}, err
	}
	works, err := r.works(ctx, a, uid, kept)
	if err != nil {
		return plan.Stand{}, err
	}
	if !works {
		return plan.Waiting("AWS does not know the access key in secret %s yet", a.User.Secret), nil
	}
	return a.noted(ctx, a.User.Name)
}

// ensureUser makes the user with its policy. The stand is empty where it has both. Before the user is made, state says
// that one of its name is ours.
//
// Differs from the reference: a user that somebody else made is left alone until a person says otherwise, and one that an
// earlier attempt made is taken up. The reference fails for both at each run.
func (a attempt) ensureUser(ctx context.Context, inside member) (plan.Stand, error) {
	_, err := inside.ListAccessKeys(ctx, a.User.Name)
	missing := apierr.Is(err, apierr.Missing)
	if err != nil && !missing {
		return plan.Stand{}, err
	}
	ours, err := a.ours(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	if !missing && !ours && !a.afresh {
		return plan.Blocked("somebody else made the user %s in the account: retry the step to take the user over, with new access keys in place of those that it has; or write an access key of the user to secret %s, and skip the step", a.User.Name, a.User.Secret), nil
	}
	if !ours {
		if err := a.book.write(ctx, begunUser, a.User.Name); err != nil {
			return plan.Stand{}, err
		}
	}
	if missing {
		// A user that an earlier attempt made is not known everywhere at once.
		if err := inside.CreateUser(ctx, a.User.Name); err != nil && !apierr.Is(err, apierr.Conflict) {
			return plan.Stand{}, err
		}
	}
	return plan.Stand{}, inside.AttachUserPolicy(ctx, a.User.Name, a.User.Policy)
}

// ours says whether state has the user, as begun or as done.
func (a attempt) ours(ctx context.Context) (bool, error) {
	for _, task := range []string{begunUser, createUser} {
		name := ""
		if _, err := a.book.read(ctx, task, &name); err != nil || name == a.User.Name {
			return err == nil, err
		}
	}
	return false, nil
}

// works says whether AWS knows the access key that is in Vault.
func (r *reconciler) works(ctx context.Context, a attempt, uid string, kept keptKey) (bool, error) {
	// The version makes it a session of its own, so that no key that was in the secret before is asked about.
	ref := secret.Ref{Path: a.User.Secret}
	if kept.version != 0 {
		ref.Version = &kept.version
	}
	as, err := r.connect(ctx, awsapi.Access{Account: a.Account, Credentials: ref, Region: a.Door.Region})
	if err != nil {
		return false, err
	}
	identity, err := as.GetCallerIdentity(ctx)
	switch {
	case awsapi.UnknownKey(err):
		return false, nil
	case err != nil:
		return false, err
	case identity.AccountID != uid:
		return false, apierr.Errorf(apierr.Invalid, "the access key in secret %s is one of account %s, and should be one of %s: remove the secret, and the step makes another", a.User.Secret, identity.AccountID, uid)
	}
	return true, nil
}

// skipUser notes a user that a person sees to, whose access key is in Vault.
func (r *reconciler) skipUser(ctx context.Context, b book, s Step) error {
	kept, err := r.kept(ctx, s.User.Secret)
	if err != nil {
		return err
	}
	if kept.id == "" {
		return apierr.Errorf(apierr.Invalid, "%s cannot be skipped while secret %s has no access key, since others need it: write %s and %s there", s.Title(), s.User.Secret, keyIDField, keyField)
	}
	return b.write(ctx, createUser, s.User.Name)
}
