package integrationsmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The reasons not to end this integration itself.
const (
	ownSchedule = "it starts this integration, which never ends itself; `starter schedule delete " + Name + "` does"
	ownWorkers  = "they run this integration, and no other workers of the cluster are wanted that do; a person may delete them"
)

// Vet refuses to change what belongs to somebody else, and what would end this integration itself: its schedule, and the
// last workers that run it.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Current != nil && c.Current.Refusal != "" {
		return apierr.Errorf(apierr.Guard, "%s", c.Current.Refusal)
	}
	return nil
}
