package kubeapi

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Delete deletes a live object that Current returned, in the background of what it owns. It reads the object once
// more and deletes that one only, and only while it may be deleted (see Deletable); an object that has become
// somebody else's in the meantime is apierr.Guard. One that is gone, or on its way, is success.
func (c *Client) Delete(ctx context.Context, owner Owner, policy Policy, o Object) error {
	kind, err := c.Kind(ctx, o.Kind)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	ref := referenceTo(kind, o)
	live, err := c.get(ctx, ref)
	switch {
	case apierr.Is(err, apierr.Missing):
		return nil
	case err != nil:
		return err
	case terminating(live):
		return nil
	case !Deletable(live, owner, policy):
		return apierr.Errorf(apierr.Guard, "%s is not deleted: it does not belong to integration %s any more", o.Title(), owner.Integration)
	}
	return c.remove(ctx, ref, uidOf(live), background)
}

func referenceTo(kind Kind, o Object) reference {
	ref := reference{Kind: kind, name: o.Name, secret: o.Secret}
	if kind.Namespaced {
		ref.namespace = o.Namespace
	}
	return ref
}
