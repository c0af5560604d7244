package kubeapi

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Create makes an object that is not there yet, stamped with the owner. One that is there is apierr.Conflict and stays as
// it is: of several that create the same object at once one succeeds. A namespace that does not exist is apierr.NotYet.
func (c *Client) Create(ctx context.Context, owner Owner, o Object) error {
	if o.Body == nil {
		return apierr.Errorf(apierr.Invalid, "%s has no body to create", o.Title())
	}
	ref, body, err := c.prepare(ctx, owner, o)
	if err != nil {
		return err
	}
	if _, err = c.create(ctx, ref, body); err != nil {
		return c.explainNamespace(ctx, ref, err)
	}
	return nil
}
