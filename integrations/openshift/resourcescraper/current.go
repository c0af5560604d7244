package resourcescraper

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the secrets that are read side by side.
const readsAtOnce = 10

// Current returns those of the desired copies that Vault has. Those that the login may not read are among them, so that
// they fail one by one.
func (r *reconciler) Current(ctx context.Context, _ reconcile.Scope, desired []Copy) ([]Copy, error) {
	found := make([]*Copy, len(desired))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, want := range desired {
		group.Go(func() error {
			there, err := r.vault.Fetch(ctx, want.Path, vaultapi.Latest)
			switch {
			case apierr.Is(err, apierr.Missing):
				return nil
			case apierr.Is(err, apierr.Denied), apierr.Is(err, apierr.Invalid):
				found[i] = &Copy{Path: want.Path, Name: want.Name, Unreadable: err.Error()}
			case err != nil:
				return err
			default:
				found[i] = &Copy{Path: want.Path, Name: want.Name, Digest: digest(there.Data)}
			}
			return nil
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
