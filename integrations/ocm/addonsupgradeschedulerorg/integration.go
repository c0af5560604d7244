// Package addonsupgradeschedulerorg schedules the upgrades of the add-ons on an OCM organisation's clusters.
//
// What it keeps true: in organisations with addonManagedUpgrades the add-ons of clusters with rules are upgraded by these
// rules, each add-on by itself, to the latest version when that has soaked long enough and is not blocked.
// Desired: the upgrades that begin within ten minutes, decided from the rules of the organisation and its clusters, from
// the latest versions that OCM has, and from how long versions have run (see integrations/ocm/internal/upgrades).
// Current: upgrades that are done, or would repeat themselves, and those that are wanted and there.
// Writes: upgrade policies of add-ons in OCM, or upgrade plans where its environment has the second service for add-ons;
// version data and approvals in state.
// Reference module: reconcile/aus/ocm_addons_upgrade_scheduler_org.py, with base.py.
package addonsupgradeschedulerorg

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
const Name = "ocm-addons-upgrade-scheduler-org"

// Definition describes the integration. Its scopes are OCM organisations, by their names in app-interface. Since a scope
// has one workflow at a time, nobody else counts an organisation's soak days meanwhile.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manage Addons Upgrade Policy schedules in OCM organizations.",
		Params: append(scheduling.Params(), reconcile.Param{
			Name: scheduling.OCMEnv, Type: reconcile.String, Env: "OCM_ENV", Help: "only the organisations of this OCM environment",
		}),
		Reads:    []reconcile.System{reconcile.AppInterface, reconcile.OCM, reconcile.Prometheus},
		Writes:   []reconcile.System{reconcile.OCM},
		Every:    5 * time.Minute,
		Sharding: reconcile.PerOCMOrganization,
		Guard:    plan.MaxDeletes{Fraction: 1},
		Build:    build,
	}
}

func build(set *clients.Set) (reconcile.Steps, error) {
	app := set.AppInterface()
	return reconcile.Reconcile(&scheduling.Scheduler{
		From:       organizations.Rules{At: func(s reconcile.Scope) graphql.Client { return app.At(s) }, Addons: true},
		Kind:       addons{},
		OCM:        set.OCM(),
		Prometheus: set.Prometheus(),
		State:      set.State(Name),
	}), nil
}
