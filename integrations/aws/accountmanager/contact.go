package accountmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// setContact sets whom AWS tells about security.
func (r *reconciler) setContact(ctx context.Context, a attempt) (plan.Stand, error) {
	inside, err := r.inside(ctx, a.Door, a.UID)
	if err != nil {
		return plan.Stand{}, err
	}
	if err := inside.PutSecurityContact(ctx, awsapi.Contact(*a.Contact)); err != nil {
		return plan.Stand{}, err
	}
	return a.noted(ctx, a.Contact.String())
}
