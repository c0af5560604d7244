package accessmanager

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Current returns the access as state has it.
//
// Differs from the reference: nothing is done about an access that is to be deleted and was never begun, which the user's
// Secret tells. The reference runs a Job that fails at the missing user.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, _ []Access) ([]Access, error) {
	access, err := r.access(ctx, s)
	var problems reconcile.Problems
	if errors.As(err, &problems) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if access.Was, err = r.noted(ctx, s.Name); err != nil {
		return nil, err
	}
	switch {
	case access.Was != nil && gone(*access.Was), access.Was == nil && !gone(access.Wanted):
		return nil, nil
	case access.Was == nil:
		at, err := r.place(ctx, s, access)
		if err != nil {
			return nil, err
		}
		if _, err = at.Get(ctx, "Secret", access.objectName()); apierr.Is(err, apierr.Missing) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	return []Access{access}, nil
}

// noted is the access as state has it; nil where it has none.
func (r *reconciler) noted(ctx context.Context, name string) (*externalresources.DatabaseAccess, error) {
	entry, err := r.state.Get(ctx, name)
	if apierr.Is(err, apierr.Missing) {
		return nil, nil //nolint:nilnil // no access is a valid answer.
	}
	if err != nil {
		return nil, err
	}
	return decode(name, entry)
}

// decode reads the reference's form: the fields of the access, by the names of the schema, null where one is absent.
func decode(name string, entry state.Entry) (*externalresources.DatabaseAccess, error) {
	if !entry.Exists() || string(entry.Value) == "null" {
		return nil, nil //nolint:nilnil // no access is a valid answer.
	}
	was := &externalresources.DatabaseAccess{}
	if err := entry.Decode(was); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "state of %s, %s: %w; remove it with `starter state rm` to have the access made again", Name, name, err)
	}
	return was, nil
}

// place connects to the namespace of the access.
func (r *reconciler) place(ctx context.Context, s reconcile.Scope, a Access) (jobs.At, error) {
	client, err := r.connect(ctx, s, a.Cluster)
	return jobs.At{Place: a.Place, Client: client, Owner: owner()}, err
}
