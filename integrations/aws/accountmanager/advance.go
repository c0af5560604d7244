package accountmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// attempt is one attempt at a step.
type attempt struct {
	Step
	book book
	// was is the step as it was done last; nil where it was not.
	was *Step
	// afresh says that a person asked for it: what was refused is asked for anew.
	afresh bool
}

// Advance implements reconcile.LongRunning. What state says is read anew: an earlier attempt, or the reference, may have
// come further than the plan knew.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Step], afresh bool) (plan.Stand, error) {
	if c.Desired == nil {
		return plan.Done(), nil
	}
	a := attempt{Step: *c.Desired, book: r.book(*c.Desired), afresh: afresh}
	var err error
	if a.was, err = r.done(ctx, s, a.Step); err != nil {
		return plan.Stand{}, err
	}
	if a.was != nil && a.Equal(*a.was) {
		return plan.Done(), nil
	}
	return r.carryOut(ctx, s, a)
}

func (r *reconciler) carryOut(ctx context.Context, s reconcile.Scope, a attempt) (plan.Stand, error) {
	switch a.Task {
	case createAccount:
		return r.createAccount(ctx, a)
	case createUser:
		return r.createUser(ctx, a)
	case accountFile:
		return r.addFile(ctx, s, a)
	case tagAccount:
		return r.tag(ctx, a)
	case moveAccount:
		return r.move(ctx, a)
	case enterpriseSupport:
		return r.support(ctx, a)
	case accountAlias:
		return r.setAlias(ctx, a)
	case serviceQuotas:
		return r.raiseQuotas(ctx, a)
	case contactOfSecurity:
		return r.setContact(ctx, a)
	case supportedRegions:
		return r.setRegions(ctx, a)
	}
	return plan.Stand{}, apierr.Errorf(apierr.Invalid, "this version knows no step %s", a.Task)
}

// noted ends an attempt that is done: state says what was wanted.
func (a attempt) noted(ctx context.Context, value any) (plan.Stand, error) {
	if err := a.book.write(ctx, a.Task, value); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), nil
}

// Skip implements reconcile.LongRunning: state says that the step is done, to both systems.
func (r *reconciler) Skip(ctx context.Context, _ reconcile.Scope, c plan.Change[Step]) error {
	if c.Desired == nil {
		return nil
	}
	s := *c.Desired
	b := r.book(s)
	switch s.Task {
	case createUser:
		return r.skipUser(ctx, b, s)
	case enterpriseSupport:
		return skipSupport(ctx, b)
	case serviceQuotas:
		return b.write(ctx, s.Task, quotaNote{Quotas: quotasOrNone(s.Quotas), IDs: []string{}})
	case tagAccount:
		return b.write(ctx, s.Task, s.Tags)
	case moveAccount:
		return b.write(ctx, s.Task, s.Unit)
	case accountAlias:
		return b.write(ctx, s.Task, s.Alias)
	case contactOfSecurity:
		return b.write(ctx, s.Task, s.Contact.String())
	case supportedRegions:
		return b.write(ctx, s.Task, orNone(s.Regions))
	case createAccount:
		return apierr.Errorf(apierr.Invalid, "%s cannot be skipped, since all else needs the account: make it by hand and set uid in %s, or remove that file", s.Title(), s.File)
	}
	return apierr.Errorf(apierr.Invalid, "%s cannot be skipped: it is done as soon as %s is on the repository's default branch, or %s is gone", s.Title(), s.Addition.Path, s.File)
}

// orNone makes an empty list of no list, which JSON and the reference tell apart.
func orNone(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
