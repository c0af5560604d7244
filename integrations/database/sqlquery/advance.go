package sqlquery

import (
	"context"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Advance implements reconcile.LongRunning. What state says is read anew: an earlier attempt, or the reference, may have
// come further than the plan knew. State has the query as soon as its objects are there: before that they are made again
// as they are, and after it never.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Query], afresh bool) (plan.Stand, error) {
	if c.Desired == nil {
		return plan.Done(), nil
	}
	query := *c.Desired
	n, err := r.noted(ctx, query.Name)
	if err != nil || n.done || !n.made() && query.Recurs && query.Stage == Cleared {
		return plan.Done(), err
	}
	at, err := r.place(ctx, s, query)
	if err != nil {
		return plan.Stand{}, err
	}
	stand, err := r.carryOn(ctx, s, at, query, n, afresh)
	return jobs.Patient(stand, err, r.now())
}

func (r *reconciler) carryOn(ctx context.Context, s reconcile.Scope, at jobs.At, query Query, n note, afresh bool) (plan.Stand, error) {
	goes := query.Stage == Cleared && (query.Recurs || !r.now().Before(due(n.since)))
	switch {
	case !n.made():
		return r.begin(ctx, s, at, query)
	case goes:
		return r.clear(ctx, at, query)
	case query.Recurs:
		return plan.Done(), nil
	}
	run, err := at.Look(ctx, query.Name)
	switch {
	case err != nil:
		return plan.Stand{}, err
	case run.Failed && afresh:
		if err := at.Delete(ctx, jobs.JobKind, query.Name); err != nil {
			return plan.Stand{}, err
		}
		return r.begin(ctx, s, at, query)
	case run.Failed:
		stand := plan.Blocked("%s; retry the step to run it again, or skip it; for other SQL add a query of another name", run.Words)
		if query.Stage == Cleared {
			stand = stand.Until(due(n.since))
		}
		return stand, nil
	case run.Job != nil && !run.Complete:
		return plan.Waiting("%s; %s", run.Words, query.result()), nil
	}
	if !n.ended {
		n.ended = true
		if err := r.write(ctx, query.Name, n); err != nil {
			return plan.Stand{}, err
		}
	}
	if query.Stage != Cleared {
		return plan.Stand{Phase: plan.PhaseDone, Words: run.Words + "; " + query.result()}, nil
	}
	return plan.Waiting("%s; %s; its objects are deleted on %s", run.Words, query.result(), due(n.since).Format(time.DateTime)).Until(due(n.since)), nil
}

// begin makes the objects, and notes that they are there.
//
// Differs from the reference: a query whose namespace is not there yet is made when it is. The reference notes it as made.
// A Job or CronJob of somebody else is left alone.
func (r *reconciler) begin(ctx context.Context, s reconcile.Scope, at jobs.At, query Query) (plan.Stand, error) {
	live, err := at.Get(ctx, query.kind(), query.Name)
	switch {
	case err == nil && !kubeapi.Owned(live, at.Owner):
		return plan.Stand{}, apierr.Errorf(apierr.Guard, "%s %s in %s was made by somebody else: give the query another name", query.kind(), query.Name, query.Place)
	case err != nil && !apierr.Is(err, apierr.Missing):
		return plan.Stand{}, err
	}
	definition, err := r.definition(ctx, s)
	if err != nil {
		return plan.Stand{}, err
	}
	made, err := r.job(ctx, s, definition)
	if err != nil {
		return plan.Stand{}, err
	}
	bodies, err := definition.bodies(ctx, r.secrets, made)
	if err != nil {
		return plan.Stand{}, err
	}
	if err := at.Apply(ctx, bodies...); err != nil {
		return plan.Stand{}, err
	}
	if err := r.write(ctx, query.Name, note{since: r.now()}); err != nil {
		return plan.Stand{}, err
	}
	if query.Recurs {
		return plan.Done(), nil
	}
	return plan.Waiting("Job %s in %s has been made; %s", query.Name, query.Place, query.result()), nil
}

// clear deletes all objects of the query.
//
// Differs from the reference: a query of which an object could not be deleted is not done with. The reference notes it.
func (r *reconciler) clear(ctx context.Context, at jobs.At, query Query) (plan.Stand, error) {
	if err := at.DeleteLabelled(ctx, selector(query.Name), "CronJob.batch", jobs.JobKind, "ConfigMap", "Secret", "ServiceAccount"); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), r.write(ctx, query.Name, note{done: true})
}

// Skip implements reconcile.LongRunning: a query that was not made never is, and the Job of one that was counts as ended.
func (r *reconciler) Skip(ctx context.Context, _ reconcile.Scope, c plan.Change[Query]) error {
	if c.Desired == nil {
		return nil
	}
	n, err := r.noted(ctx, c.Desired.Name)
	if err != nil {
		return err
	}
	if !n.made() {
		return r.write(ctx, c.Desired.Name, note{done: true})
	}
	n.ended = true
	return r.write(ctx, c.Desired.Name, n)
}
