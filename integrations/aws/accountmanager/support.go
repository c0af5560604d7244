package accountmanager

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// supportDone says whether enterprise support was there without asking for it, which state notes as an empty case, or the
// case about it is resolved.
func supportDone(ctx context.Context, b book) (bool, error) {
	id := ""
	if asked, err := b.read(ctx, enterpriseSupport, &id); err != nil || !asked || id == "" {
		return asked && err == nil, err
	}
	resolved := false
	_, err := b.of(id).read(ctx, checkSupport, &resolved)
	return resolved, err
}

// support opens a support case at the payer account and follows it until AWS has resolved it. An account whose payer
// account has the plan for all needs no case.
//
// Differs from the reference: before a case is opened, one of the same subject is looked for, which an earlier attempt may
// have opened without being able to note it.
func (r *reconciler) support(ctx context.Context, a attempt) (plan.Stand, error) {
	organization, err := r.atPayer(ctx, a.Door)
	if err != nil {
		return plan.Stand{}, err
	}
	id := ""
	if _, err := a.book.read(ctx, enterpriseSupport, &id); err != nil {
		return plan.Stand{}, err
	}
	if id != "" {
		found, err := organization.DescribeCase(ctx, id)
		if !apierr.Is(err, apierr.Missing) {
			if err != nil {
				return plan.Stand{}, err
			}
			return a.followCase(ctx, found)
		}
		if !a.afresh {
			return plan.Blocked("AWS no longer knows the support case %s: retry the step to open another, or skip it where the account has enterprise support", id), nil
		}
	}
	support, err := organization.GetSupportPlan(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	if support == awsapi.SupportEnterprise {
		return a.noted(ctx, "")
	}
	found, err := a.ensureCase(ctx, organization)
	if err != nil {
		return plan.Stand{}, err
	}
	if err := a.book.write(ctx, enterpriseSupport, found.ID); err != nil {
		return plan.Stand{}, err
	}
	return a.followCase(ctx, found)
}

// ensureCase finds the case of this account, or opens it. The subject is the reference's, by which its cases are found too.
func (a attempt) ensureCase(ctx context.Context, organization payer) (awsapi.Case, error) {
	subject := fmt.Sprintf("Add account %s to Enterprise Support", a.UID)
	cases, err := organization.ListCases(ctx)
	if err != nil {
		return awsapi.Case{}, err
	}
	for _, found := range cases {
		if found.Subject == subject {
			return found, nil
		}
	}
	id, err := organization.CreateCase(ctx, subject, fmt.Sprintf(
		"Our AWS account %s should have Enterprise Support, and does not have it yet. Please add it, and resolve this case once that is done.\n\n[rh-internal-account-name: %s]\n", a.UID, a.Account))
	return awsapi.Case{ID: id, Subject: subject, Status: "unassigned"}, err
}

func (a attempt) followCase(ctx context.Context, found awsapi.Case) (plan.Stand, error) {
	if !found.Resolved() {
		return plan.Waiting("AWS has not resolved the support case %s yet, which is %s", found.ID, found.Status), nil
	}
	if err := a.book.of(found.ID).write(ctx, checkSupport, true); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), nil
}

// skipSupport notes that the case is as good as resolved, or that none is needed.
func skipSupport(ctx context.Context, b book) error {
	id := ""
	if _, err := b.read(ctx, enterpriseSupport, &id); err != nil {
		return err
	}
	if id != "" {
		return b.of(id).write(ctx, checkSupport, true)
	}
	return b.write(ctx, enterpriseSupport, "")
}
