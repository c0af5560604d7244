package serviceaccounttokens

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// issued marks a token that was issued for this integration. Its owner is another one than the integration, so that it is
// not deleted when it is no longer wanted: others may use it.
var issued = kubeapi.Owner{Integration: Name + "-unmanaged", Version: version}

// Apply writes one Secret or copy, or deletes a Secret. The token is read in this step, where it has to be after it was
// issued, and is nowhere but in the clusters, in Vault and here.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	switch {
	case c.Desired != nil && c.Desired.Copy != nil:
		return r.applyCopy(ctx, s, *c.Desired.Copy)
	case c.Action == plan.Delete:
		return r.objects.Apply(ctx, s, plan.Change[kubeapi.Object]{Head: c.Head, Current: c.Current.Object})
	}
	object := *c.Desired.Object
	token, err := r.token(ctx, s, object)
	if err != nil {
		return err
	}
	if made := body(object.Name, token.Value); object.Withheld == "" {
		object.Body, object.Secret = made, true
	} else if err := object.Restore(made); err != nil {
		return err
	}
	change := plan.Change[kubeapi.Object]{Head: c.Head, Desired: &object}
	if c.Current != nil {
		change.Current = c.Current.Object
	}
	return r.objects.Apply(ctx, s, change)
}

func (r *reconciler) applyCopy(ctx context.Context, s reconcile.Scope, copied Copy) error {
	token, err := r.token(ctx, s, kubeapi.Object{Cluster: s.Name, Namespace: copied.Namespace, Kind: kind, Name: copied.Name})
	if err != nil {
		return err
	}
	return r.vault.Write(ctx, copied.Path, content(token.Value))
}

// token returns the token that a Secret is to have, issued first where the account has none.
func (r *reconciler) token(ctx context.Context, s reconcile.Scope, object kubeapi.Object) (kubeapi.AccountToken, error) {
	specs, err := r.specs(ctx, s)
	if err != nil {
		return kubeapi.AccountToken{}, err
	}
	w, ok := find(specs, object)
	if !ok {
		return kubeapi.AccountToken{}, changed(object.Title())
	}
	client, err := r.connect(ctx, s, w.at, false)
	if err != nil {
		return kubeapi.AccountToken{}, err
	}
	token, err := client.IssueToken(ctx, issued, w.account.namespace, w.account.name)
	if err != nil {
		return kubeapi.AccountToken{}, fmt.Errorf("%s: %w", w.account, err)
	}
	return token, nil
}
