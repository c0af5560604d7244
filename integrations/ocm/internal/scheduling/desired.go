package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Desired returns the upgrades to begin with, and up to when soak days are to be counted. Upgrades that are planned and
// stay are no items: what is decided about them is decided here, on one reading of OCM.
//
// A cluster about which nothing can be decided is an item that is refused, so that it does not keep the upgrades of others
// from being withdrawn. An add-on about which nothing can be decided leaves the others alone.
func (r *Scheduler) Desired(ctx context.Context, s reconcile.Scope) (items []Item, err error) {
	in, err := r.place(ctx, s)
	if err != nil {
		return nil, err
	}
	scope := metrics.From(ctx)
	defer func() { tally(scope, s.Integration, in.Organization, err) }()
	survey, err := r.From.Survey(ctx, s, in)
	if err != nil {
		scope.Add(environmentErrors, 1, s.Integration, in.Environment)
		return nil, err
	}
	survey.careful(s)
	if err := r.examine(ctx, in, &survey); err != nil {
		return nil, err
	}
	fleets, err := r.Kind.Fleets(ctx, in, survey.Clusters)
	if err != nil {
		return nil, err
	}
	now, err := in.Client.Now(ctx)
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	for _, fleet := range fleets {
		found, err := r.desired(ctx, in, survey, fleet, now, measure(scope, s.Integration, in, survey, fleet))
		switch {
		case err == nil:
			items = append(items, found...)
		case len(fleets) == 1 || !apierr.Is(err, apierr.Invalid):
			return nil, err
		default:
			problems = append(problems, fmt.Errorf("add-on %s: %w", fleet.Addon, err))
		}
	}
	return items, problems.ErrorOrNil()
}

// desired are the items of one fleet.
func (r *Scheduler) desired(ctx context.Context, in Place, survey Survey, of Fleet, now time.Time, m measured) ([]Item, error) {
	fleet, faults := upgrades.NewFleet(survey.Organization, of.Specs)
	faults.Add(survey.Faults)
	specs := fleet.Specs()
	m.rules(specs, faults.Len())
	if faults.Len() > 0 && r.Teller != nil {
		return notices(r.Teller.Notices(survey, faults)), nil
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	policies, err := r.Kind.Planned(ctx, in, of)
	if err != nil {
		return nil, err
	}
	count := &Count{StateKey: upgrades.StateKey(survey.Environment, survey.ID, of.Addon), Addon: of.Addon, Reports: upgrades.Reports(specs), At: now}
	data, err := r.counted(ctx, survey.Organization, of.Addon, count, m)
	if err != nil {
		return nil, err
	}
	m.remaining(fleet, policies, data, now)
	approved, err := r.approved(ctx, survey.Organization, of)
	if err != nil {
		return nil, err
	}
	verdicts, err := decide(ctx, in, of.Addon, fleet, upgrades.Situation{Now: now, Policies: policies, Data: data, Approved: approved})
	if err != nil {
		return nil, err
	}
	return append([]Item{{Count: count}}, begun(ctx, in, count, verdicts)...), nil
}

// begun are the upgrades that the verdicts begin, and those that they ask for. Those that they withdraw go with the count.
func begun(ctx context.Context, in Place, count *Count, verdicts []upgrades.Verdict) (items []Item) {
	log := logging.From(ctx)
	for _, verdict := range verdicts {
		name := verdict.Spec.Cluster.Name
		for _, policy := range verdict.Delete {
			count.Withdrawn = append(count.Withdrawn, Upgrade{Cluster: name, Policy: policy})
		}
		switch {
		case verdict.Fault != nil:
			items = append(items, Item{Upgrade: &Upgrade{Cluster: name, Policy: upgrades.Policy{Addon: count.Addon}, Fault: verdict.Fault.Error()}})
		case verdict.Create != nil:
			items = append(items, Item{Upgrade: &Upgrade{Cluster: name, Policy: *verdict.Create, Access: &in.Access}})
		case verdict.Ask != "":
			items = append(items, Item{Approval: asked(count, verdict)})
		default:
			log.Debug("no upgrade of cluster begins", "cluster", name, "addon", count.Addon, "because", verdict.Why)
		}
	}
	return items
}

func notices(of []Notice) []Item {
	items := make([]Item, len(of))
	for i := range of {
		items[i] = Item{Notice: &of[i]}
	}
	return items
}
