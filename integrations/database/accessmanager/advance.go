package accessmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// scriptFile is the script's name in the Secret, and in the folder of the Job.
const scriptFile = "script.sql"

// attempt is one attempt at an access.
type attempt struct {
	Access
	at     jobs.At
	digest string
	// path is where Vault keeps the user's connection; "" where the user is to go.
	path string
	// afresh says that a person asked for it: a Job that failed is run again.
	afresh bool
}

// Advance implements reconcile.LongRunning. What state says is read anew: an earlier attempt, or the reference, may have
// come further than the plan knew.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Access], afresh bool) (plan.Stand, error) {
	a := attempt{Access: subject(c), afresh: afresh}
	var err error
	if !gone(a.Wanted) {
		if a.path, err = a.secretPath(s.Args.String(vaultPath)); err != nil {
			return plan.Stand{}, err
		}
	}
	if a.digest, err = a.Access.digest(); err != nil {
		return plan.Stand{}, err
	}
	if a.Was, err = r.noted(ctx, a.Wanted.Name); err != nil {
		return plan.Stand{}, err
	}
	if a.at, err = r.place(ctx, s, a.Access); err != nil {
		return plan.Stand{}, err
	}
	if a.Was != nil && same(a.Wanted, *a.Was) {
		return plan.Done(), a.at.Delete(ctx, jobs.JobKind, a.objectName())
	}
	stand, err := r.carryOn(ctx, a)
	return jobs.Patient(stand, err, r.now())
}

// carryOn looks for the Job, and does what is next.
//
// Differs from the reference: a Job of what was wanted before, or of the reference's, is no Job of what is wanted now. The
// reference takes any Job of the name for it.
func (r *reconciler) carryOn(ctx context.Context, a attempt) (plan.Stand, error) {
	admin, err := readConnection(ctx, a.at, a.AdminSecret)
	if apierr.Is(err, apierr.Missing) {
		return plan.Waiting("the instance has no Secret %s in %s yet", a.AdminSecret, a.Place), nil
	}
	if err == nil {
		err = a.allowed(admin)
	}
	if err != nil {
		return plan.Stand{}, err
	}
	run, err := a.at.Look(ctx, a.objectName())
	if err != nil {
		return plan.Stand{}, err
	}
	switch ours := run.Job != nil && run.Annotation(ranFor) == a.digest; {
	case run.Job == nil:
		return r.begin(ctx, a, admin)
	case !run.Complete && !run.Failed && !ours:
		return plan.Waiting("%s, for what was wanted before", run.Words), nil
	case !run.Complete && !run.Failed:
		return plan.Waiting("%s", run.Words), nil
	case !ours, run.Failed && a.afresh:
		if err := a.at.Delete(ctx, jobs.JobKind, a.objectName()); err != nil {
			return plan.Stand{}, err
		}
		return r.begin(ctx, a, admin)
	case run.Failed:
		return plan.Blocked("%s; when its cause is mended, retry the step to run it again", run.Words), nil
	}
	return r.finish(ctx, a)
}

// begin makes the Job and what it needs.
func (r *reconciler) begin(ctx context.Context, a attempt, admin connection) (plan.Stand, error) {
	var user connection
	var err error
	if !gone(a.Wanted) {
		if user, err = r.ensureConnection(ctx, a.at, a.Access, admin, a.path); err != nil {
			return plan.Stand{}, err
		}
	}
	pull, err := a.Settings.PullSecret.Body(ctx, r.secrets, a.pullSecretName(), nil)
	if err != nil {
		return plan.Stand{}, err
	}
	err = a.at.Apply(ctx,
		jobs.ServiceAccount(a.objectName(), labels()),
		opaque(a.scriptName(), map[string]string{scriptFile: a.script(user, admin)}),
		pull,
		a.job(a.digest),
	)
	return plan.Waiting("Job %s in %s has been made", a.objectName(), a.Place), err
}

// finish stores the connection in Vault, takes away what the Job needed, notes in state what is done, and takes the Job
// away last: it tells an attempt after this one that the work is done.
//
// Differs from the reference: state is written in no dry run.
func (r *reconciler) finish(ctx context.Context, a attempt) (plan.Stand, error) {
	if !gone(a.Wanted) {
		user, err := readConnection(ctx, a.at, a.objectName())
		if err != nil {
			return plan.Stand{}, err
		}
		if err := r.vault.Write(ctx, a.path, user.data()); err != nil {
			return plan.Stand{}, err
		}
	}
	for _, object := range []struct{ kind, name string }{
		{"ServiceAccount", a.objectName()}, {"Secret", a.scriptName()}, {"Secret", a.pullSecretName()},
	} {
		if err := a.at.Delete(ctx, object.kind, object.name); err != nil {
			return plan.Stand{}, err
		}
	}
	if err := r.state.Set(ctx, a.Wanted.Name, a.Wanted, nil); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), a.at.Delete(ctx, jobs.JobKind, a.objectName())
}

// Skip implements reconcile.LongRunning: state says that the access is as it is wanted, to both systems.
func (r *reconciler) Skip(ctx context.Context, _ reconcile.Scope, c plan.Change[Access]) error {
	a := subject(c)
	return r.state.Set(ctx, a.Wanted.Name, a.Wanted, nil)
}

// subject is the access that a change is about.
func subject(c plan.Change[Access]) Access {
	if c.Desired != nil {
		return *c.Desired
	}
	return *c.Current
}
