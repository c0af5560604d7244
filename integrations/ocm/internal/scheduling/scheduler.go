// Package scheduling is what the integrations share that schedule upgrades in OCM.
//
// An integration makes a Scheduler and hands it to reconcile.Reconcile; one of clusters puts it into a Following first, and
// its definition says Follows. It says two things:
//
//   - Source: which organisations there are, and which of their clusters are upgraded by which rules. The rules are in
//     app-interface (integrations/ocm/internal/organizations), or in labels in OCM. Where the owners of clusters write the
//     rules themselves a Teller lets them know what is wrong with them.
//   - Kind: what is upgraded, the clusters or the add-ons on them. It divides the clusters of an organisation into fleets,
//     each of which is decided about by itself, and knows where OCM has their upgrade policies. Clusters is the one of
//     clusters.
//
// All else is here: the items and how they are compared, soak days in state, the decision on one reading of OCM (see
// integrations/ocm/internal/upgrades), health, approvals, the policies that are made and withdrawn, and the metrics. The
// scopes are organisations, by their names. Since a scope has one workflow at a time, nobody else counts an organisation's
// soak days meanwhile.
package scheduling

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Scheduler is an integration that schedules upgrades.
type Scheduler struct {
	From Source
	Kind Kind
	// Teller is nil where a run fails for faults in the rules.
	Teller Teller
	OCM    *ocmapi.Pool
	// Prometheus is asked how clusters are. Without it organisations with health checks fail.
	Prometheus *prometheusapi.Pool
	// State keeps the version data, under the integration's name.
	State *state.Store
}

// Source is where the rules are.
type Source interface {
	// Organizations are those of the run, sorted by their names. It reads nothing but app-interface.
	Organizations(ctx context.Context, s reconcile.Scope) ([]Organization, error)
	// Survey returns an organisation with its rules, and its clusters that are in OCM, ready, and have rules. It may ask OCM
	// in any number of ways that does not depend on the number of clusters.
	Survey(ctx context.Context, s reconcile.Scope, in Place) (Survey, error)
}

// Kind is what is upgraded, and where OCM has the policies of such upgrades.
type Kind interface {
	// Fleets divides the clusters into what is decided about by itself: all of them, or those of one add-on each.
	Fleets(ctx context.Context, in Place, clusters []Cluster) ([]Fleet, error)
	// Planned are all policies that OCM has for a fleet.
	Planned(ctx context.Context, in Place, of Fleet) ([]upgrades.Policy, error)
	// Beside are the policies that OCM has where a policy belongs, or would: of the same cluster, node pool or add-on.
	Beside(ctx context.Context, in Place, p upgrades.Policy) ([]upgrades.Policy, error)
	// Create makes a policy. It looks for none first: that is done for it.
	Create(ctx context.Context, in Place, p upgrades.Policy) error
	// Delete takes a policy back; one that is gone is success.
	Delete(ctx context.Context, in Place, p upgrades.Policy) error
}

// Teller lets the owners of clusters know what is wrong with their rules.
type Teller interface {
	// Notices are what the faults of an organisation are told as. It is pure.
	Notices(of Survey, faults upgrades.Faults) []Notice
	// Told are those of the notices that were given lately.
	Told(ctx context.Context, in Place, notices []Notice) ([]Notice, error)
	Tell(ctx context.Context, in Place, n Notice) error
}

// Place is an organisation and the way into its OCM.
type Place struct {
	Organization
	// Client has the organisation's own access.
	Client *ocmapi.Client
}

var (
	_ reconcile.Reconciler[Item] = (*Scheduler)(nil)
	_ reconcile.Sharded          = (*Scheduler)(nil)
	_ reconcile.Sourced          = (*Scheduler)(nil)
	_ reconcile.Vetter[Item]     = (*Scheduler)(nil)
)

// Shards are the organisations.
func (r *Scheduler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	organizations, err := r.From.Organizations(ctx, s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(organizations))
	for i := range organizations {
		names[i] = organizations[i].Name
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired asks OCM besides.
func (r *Scheduler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.From.Organizations(ctx, s)
	return err
}

// place is the organisation of the scope.
func (r *Scheduler) place(ctx context.Context, s reconcile.Scope) (Place, error) {
	all, err := r.From.Organizations(ctx, s)
	if err != nil {
		return Place{}, err
	}
	for _, of := range all {
		if of.Name != s.Name {
			continue
		}
		client, err := r.OCM.Connect(ctx, of.Access)
		return Place{of, client}, err
	}
	return Place{}, apierr.Errorf(apierr.Invalid, "app-interface has no OCM organisation %s with clusters to upgrade any more", s.Name)
}
