// Package upgradeschedulerorg schedules the upgrades of an OCM organisation's clusters.
//
// What it keeps true: clusters are upgraded when their rules allow it, one after the other where they say so, to the
// highest version that has soaked long enough; no upgrade is planned to a version that is blocked.
// Desired: the upgrades that begin within two hours, decided from the rules of the organisation and its clusters, from what
// OCM offers and has planned, and from how long versions have run (see integrations/ocm/internal/upgrades).
// Current: planned upgrades that are not wanted any more, and those that are wanted and there.
// Writes: upgrade policies in OCM, version data and approvals in state.
// Reference module: reconcile/aus/ocm_upgrade_scheduler_org.py, with ocm_upgrade_scheduler.py and base.py.
package upgradeschedulerorg

import (
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/organizations"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "ocm-upgrade-scheduler-org"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface. Since a scope
// has one workflow at a time, nobody else counts an organisation's soak days meanwhile. Each upgrade has a workflow that
// follows it to its end. A person has to approve it first where a flag says so.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:     Name,
		Summary:  "Manage Upgrade Policy schedules in OCM organizations.",
		Params:   scheduling.Params(),
		Reads:    []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Prometheus},
		Writes:   []reconcile.System{reconcile.OCM},
		Every:    5 * time.Minute,
		Sharding: reconcile.PerOCMOrganization,
		Follows:  true,
		Guard:    plan.MaxDeletes{Fraction: 1},
		Build:    build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app := set.AppInterface()
	return reconcile.Reconcile(scheduling.Following{Scheduler: &scheduling.Scheduler{
		From:       organizations.Rules{At: func(s reconcile.Scope) graphql.Client { return app.At(s) }},
		Kind:       scheduling.Clusters{},
		OCM:        set.OCM(),
		Prometheus: set.Prometheus(),
		State:      set.State(Name),
	}}), nil
}
