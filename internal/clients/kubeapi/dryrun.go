package kubeapi

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// WouldChange asks the server to apply the desired object without keeping the result, and says whether that is
// anything but the live object with new stamps. It settles what a comparison of texts cannot: values that the
// server fills in or writes in its own way. An object that the server refuses to apply would change too: by the
// ways that Apply has for it, or into an error that a person has to see.
func (c *Client) WouldChange(ctx context.Context, owner Owner, desired Object, live map[string]any) (bool, error) {
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return false, apierr.New(apierr.Unavailable, err)
	}
	defer c.slots.Release(1)
	ref, body, err := c.prepare(ctx, owner, desired)
	if apierr.Is(err, apierr.Missing) || apierr.Is(err, apierr.Invalid) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if apiVersionOf(live) != ref.APIVersion() {
		if live, err = c.get(ctx, ref); err != nil {
			return apierr.Is(err, apierr.Missing), ignoreMissing(err)
		}
	}
	outcome, err := c.serverSideApply(ctx, ref, body, true)
	replaced := problemOf(err) == problemNotApplicable
	if replaced {
		outcome, err = c.update(ctx, ref, replacement(body, live), true)
	}
	if kind, known := apierr.KindOf(err); err != nil && known && kind.Retryable() && kind != apierr.NotYet {
		return false, err
	}
	if err != nil {
		return true, nil
	}
	before, err := settled(live)
	if err != nil {
		return false, err
	}
	after, err := settled(outcome)
	if err != nil {
		return false, err
	}
	if replaced {
		// A replacement takes away what controllers have added; that is no reason for one.
		return len(compare(before, after).drift(func(edit) bool { return false })) > 0, nil
	}
	return text(before) != text(after), nil
}

func ignoreMissing(err error) error {
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

// settled is the object without what every write changes: the stamps and the server's own bookkeeping.
func settled(body map[string]any) (map[string]any, error) {
	copied, err := plainBody(body)
	if err != nil {
		return nil, err
	}
	marks := ensureAnnotations(copied)
	for _, field := range [...]string{"managedFields", "resourceVersion", "generation"} {
		delete(metadata(copied), field)
	}
	for _, stamp := range stamps {
		delete(marks, stamp)
	}
	delete(copied, "status")
	return copied, nil
}
