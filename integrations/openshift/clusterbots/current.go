package clusterbots

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the bots whose token in Vault is the one that the cluster has now, and the request where it is open or
// its changes are in.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	if len(desired) == 0 {
		return nil, nil
	}
	c, err := r.cluster(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.administer(ctx, c)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, item := range desired {
		there := false
		if item.What == request {
			there, err = r.requested(ctx, s, c)
		} else {
			there, err = r.inPlace(ctx, client, c, item)
		}
		if err != nil {
			return nil, err
		}
		if there {
			items = append(items, item)
		}
	}
	return items, nil
}

// administer connects to the cluster as the administrator that OCM knows.
func (r *reconciler) administer(ctx context.Context, c clusterDatafile) (cluster, error) {
	own := ocmapi.Own{ClientID: c.Ocm.AccessTokenClientId, TokenURL: c.Ocm.AccessTokenUrl, ClientSecret: c.Ocm.AccessTokenClientSecret}
	client, err := r.manager(ctx, ocmapi.AccessOf(c.Ocm.Environment, own))
	if err != nil {
		return nil, err
	}
	found, err := client.ListClusters(ctx, ocmapi.All(ocmapi.ManagedIn(c.Ocm.OrgId), ocmapi.Is("name", c.Name)))
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, apierr.Errorf(apierr.Missing, "OCM has %d managed clusters named %s in the organisation %s: correct the name of the cluster, or its ocm", len(found), c.Name, c.Ocm.OrgId)
	}
	kubeconfig, err := client.Kubeconfig(ctx, found[0].ID)
	if err != nil {
		return nil, err
	}
	return r.connect(ctx, c.Name, kubeconfig)
}

// inPlace says whether the bot has its rights, and its token is in Vault.
func (r *reconciler) inPlace(ctx context.Context, client cluster, c clusterDatafile, bot Item) (bool, error) {
	if bot.What == clusterAdmin {
		if _, err := client.Get(ctx, bindingKind, "", bot.binding()); err != nil {
			return false, ignoring(err)
		}
	}
	token, err := token(ctx, client, bot)
	if err != nil {
		return false, ignoring(err)
	}
	kept, err := r.vault.Fetch(ctx, bot.Vault, vaultapi.Latest)
	if err != nil {
		return false, ignoring(err)
	}
	return kept.Data.Equal(c.credentials(bot, token)), nil
}

// ignoring drops errors that say that something is not there, or not yet.
func ignoring(err error) error {
	if apierr.Is(err, apierr.Missing) || apierr.Is(err, apierr.NotYet) {
		return nil
	}
	return err
}

// requested says whether the request is open or in. One that cannot be made is none; Vet says why.
func (r *reconciler) requested(ctx context.Context, s reconcile.Scope, c clusterDatafile) (bool, error) {
	gateway, err := r.requests(s).Choose(ctx, s.Args.String("gitlab-project-id"))
	if err != nil {
		return false, err
	}
	found, err := gateway.Look(ctx, c.request(c.bots(s.Args)))
	if apierr.Is(err, apierr.Invalid) || apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return found.Outcome != mergerequest.Missing, err
}
