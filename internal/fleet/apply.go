package fleet

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Apply carries the change out. What an attempt before it did, and did not hear of, is no error.
func (c Change) Apply(ctx context.Context, temporal *temporalapi.Client) error {
	switch c.Action {
	case plan.Delete:
		return temporal.DeleteSchedule(ctx, c.ID)
	case plan.Create:
		made, err := c.Want.Temporal()
		if err != nil {
			return err
		}
		// Where there is one, an attempt before made it, or it is not ours, which the update finds out.
		if err := temporal.CreateSchedule(ctx, made); !apierr.Is(err, apierr.Conflict) {
			return err
		}
	case plan.Update:
	}
	return temporal.UpdateSchedule(ctx, c.ID, c.Want.Update)
}
