package sqlquery

import (
	"context"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// listed is a query as app-interface has it, with the settings that all share.
type listed struct {
	definition
	settings    *jobs.Settings
	mailAddress string
	// twice says that another datafile has a query of the same name.
	twice bool
}

// definitions returns all queries by name.
//
// Differs from the reference: queries in clusters that disable the integration are left out.
func (r *reconciler) definitions(ctx context.Context, s reconcile.Scope) (map[string]*listed, error) {
	answer, err := SQLQueries(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	common := listed{}
	if len(answer.Settings) > 0 {
		common.settings = answer.Settings[0].SqlQuery
		if smtp := answer.Settings[0].Smtp; smtp != nil {
			common.mailAddress = smtp.MailAddress
		}
	}
	found := map[string]*listed{}
	for _, definition := range answer.Queries {
		if definition.Namespace.Cluster.Disables(s.Integration) {
			continue
		}
		if known := found[definition.Name]; known != nil {
			known.twice = true
			continue
		}
		query := common
		query.definition = definition
		found[definition.Name] = &query
	}
	return found, nil
}

// Source implements reconcile.Sourced: all scopes read the same queries, and each the file of its instance.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	found, err := r.definitions(ctx, s)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if resource, ok := found[name].instance(); ok {
			if _, err := resource.Values(ctx, r.at(s)); err != nil && !apierr.Is(err, apierr.Invalid) {
				return err
			}
		}
	}
	return nil
}

// Shards are the queries.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	found, err := r.definitions(ctx, s)
	return slices.Sorted(maps.Keys(found)), err
}

// Due implements reconcile.Selective: the queries that are not as far as they are to come. One that waits for the end of
// its seven days is not among them: its workflow sleeps until then.
//
// Differs from the reference: a fault of a query that is done with is none. There any fault ends the run.
func (r *reconciler) Due(ctx context.Context, s reconcile.Scope, names []string) ([]string, error) {
	found, err := r.definitions(ctx, s)
	if err != nil {
		return nil, err
	}
	entries, err := r.state.GetAll(ctx, "")
	if err != nil {
		return nil, err
	}
	now, deletes := r.now(), s.Args.Bool(enableDeletion)
	notes := map[string]note{}
	open := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		n, err := readNote(name, entries[name])
		notes[name] = n
		if err != nil {
			return false
		}
		query := found[name]
		over := !now.Before(due(n.since))
		switch {
		case n.done, !n.made() && query.recurs() && query.goes():
			return true
		case !n.made():
			return false
		case query.recurs():
			return !query.goes() || !deletes
		case n.ended, over:
			return !over || !deletes
		}
		return false
	})
	measure(metrics.From(ctx), s, found, notes, now)
	return open, nil
}

// Desired returns the query and how far it is to come. What is wrong with it is a problem.
//
// Differs from the reference: a CronJob that is to be deleted is not made first.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Query, error) {
	query, err := r.definition(ctx, s)
	if err != nil {
		return nil, err
	}
	if _, err := r.job(ctx, s, query); err != nil {
		return nil, err
	}
	wanted := query.item()
	switch deletes := s.Args.Bool(enableDeletion); {
	case wanted.Recurs && !query.goes():
		wanted.Stage = Made
	case wanted.Recurs && !deletes:
		return nil, nil
	case deletes:
		wanted.Stage = Cleared
	default:
		wanted.Stage = Ended
	}
	return []Query{wanted}, nil
}

// definition is the query of the scope.
func (r *reconciler) definition(ctx context.Context, s reconcile.Scope) (*listed, error) {
	found, err := r.definitions(ctx, s)
	if err != nil {
		return nil, err
	}
	if found[s.Name] == nil {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no SQL query %s: add it, or cancel what is under way for it", s.Name)
	}
	return found[s.Name], nil
}

// recurs says whether the query has a CronJob, and goes whether it is to be deleted.
func (l *listed) recurs() bool { return l.Schedule != "" }

func (l *listed) goes() bool { return l.Delete != nil && *l.Delete }

// item is the query as an item.
func (l *listed) item() Query {
	q := Query{Name: l.Name, Output: l.Output, Recurs: l.recurs()}
	q.Cluster, q.Namespace = l.definition.Namespace.Cluster, l.definition.Namespace.Name
	return q
}
