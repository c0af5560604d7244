package kubeapi

import "context"

// Get reads one object, of a kind named as for Kind. One that is not there is apierr.Missing, and so is a kind that the
// cluster does not serve.
func (c *Client) Get(ctx context.Context, kind, namespace, name string) (map[string]any, error) {
	resolved, err := c.Kind(ctx, kind)
	if err != nil {
		return nil, err
	}
	return c.get(ctx, referenceTo(resolved, Object{Namespace: namespace, Name: name}))
}

// Remove deletes a live object as Get and List return it, in the background of what it owns. Whose it is, the caller has
// found out: no owner is asked for, but another object that has taken its name since is apierr.Conflict. One that is gone,
// or on its way, is success.
func (c *Client) Remove(ctx context.Context, live map[string]any) error {
	if terminating(live) {
		return nil
	}
	kind, err := c.resolve(ctx, apiVersionOf(live), kindOf(live))
	if err != nil {
		return err
	}
	ref := referenceTo(kind, Object{Namespace: namespaceOf(live), Name: nameOf(live)})
	return c.remove(ctx, ref, uidOf(live), background)
}
