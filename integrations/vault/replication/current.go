package replication

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the desired secrets as the destination has them. Those that it may not read are among them, so that
// they fail one by one.
//
// Differs from the reference: a version that was deleted in the destination counts by its number and stays deleted. The
// reference takes the secret for a new one and adds all versions once more, after which the numbers no longer agree.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Copy) ([]Copy, error) {
	of, err := r.replication(ctx, s)
	if err != nil {
		return nil, err
	}
	source, err := r.source(ctx, of)
	if err != nil {
		return nil, err
	}
	destination, err := r.destination(ctx, of)
	if err != nil {
		return nil, err
	}
	found := make([]*Copy, len(desired))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, want := range desired {
		group.Go(func() error {
			var err error
			found[i], err = of.compare(ctx, source, destination, want)
			if err != nil && alone(err) {
				found[i], err = &Copy{Path: want.Path, From: want.From, To: want.To, KV: want.KV, Unreadable: err.Error()}, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var live []Copy
	for _, c := range found {
		if c != nil {
			live = append(live, *c)
		}
	}
	return live, nil
}

// compare returns what the destination has of a secret, or nil. Contents are compared here and go nowhere.
func (r replication) compare(ctx context.Context, source, destination vault, want Copy) (*Copy, error) {
	there, err := destination.Fetch(ctx, want.Path, vaultapi.Latest)
	if apierr.Is(err, apierr.Missing) && there.Version == 0 {
		return nil, nil //nolint:nilnil // nothing is there.
	}
	if err != nil && there.Version == 0 {
		return nil, err
	}
	c := r.copyOf(want.Path, there)
	if c.KV == 1 && want.KV == 1 {
		here, err := source.Fetch(ctx, want.Path, vaultapi.Latest)
		if err != nil {
			return nil, err
		}
		c.Differs = !here.Data.Equal(there.Data)
	}
	return &c, nil
}
