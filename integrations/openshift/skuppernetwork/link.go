package skuppernetwork

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// link connects a site to another one. It asks the other one's controller for a token, by a Secret in its namespace, and
// when the token is there brings it into the namespace that connects. The token is gone from the other namespace only when
// it has arrived.
//
// Differs from the reference: there the token is deleted first, so that a crash in between loses it. And the reference looks
// at the answer in its next run, where this one waits for it.
func (r *reconciler) link(ctx context.Context, s reconcile.Scope, from, to *site) (plan.Stand, error) {
	near, err := r.client(ctx, s, from)
	if err != nil {
		return plan.Stand{}, err
	}
	far, err := r.client(ctx, s, to)
	if err != nil {
		return plan.Stand{}, err
	}
	arrived, err := read(ctx, near, from.namespace, to.name)
	if err != nil {
		return plan.Stand{}, err
	}
	answer, err := read(ctx, far, to.namespace, to.request(from))
	if err != nil {
		return plan.Stand{}, err
	}
	switch {
	case arrived != nil && metadata(arrived).GetLabels()[typeLabel] == "":
		return plan.Blocked("Secret %s in %s is no token and stands in the way: rename or delete it", to.name, from), nil
	case arrived != nil && answer != nil:
		return plan.Done(), far.Remove(ctx, answer)
	case arrived != nil:
		return plan.Done(), nil
	case answer == nil:
		err := far.Apply(ctx, owner, request(from, to))
		return plan.Waiting("the site controller of %s is asked for a token", to), err
	case metadata(answer).GetLabels()[typeLabel] != tokenType:
		return plan.Waiting("the site controller of %s has not made the token yet", to), nil
	}
	token, err := transferred(answer, from, to)
	if err != nil {
		return plan.Stand{}, err
	}
	if err := near.Apply(ctx, owner, token); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), far.Remove(ctx, answer)
}

// read returns a Secret, or nil.
func read(ctx context.Context, client *kubeapi.Client, namespace, name string) (map[string]any, error) {
	live, err := client.Get(ctx, secretKind, namespace, name)
	if apierr.Is(err, apierr.Missing) {
		return nil, nil
	}
	return live, err
}

// request asks the controller of a site for a token for another one.
func request(from, to *site) kubeapi.Object {
	labels := controllerLabels()
	labels[receiverLabel], labels[typeLabel] = from.receiver(), requestType
	name := to.request(from)
	return kubeapi.Object{
		Cluster: to.cluster.Name, Namespace: to.namespace, Kind: secretKind, Name: name,
		Body: map[string]any{"apiVersion": "v1", "kind": secretKind, "metadata": map[string]any{"name": name, "labels": labels}},
	}
}

// transferred is a token in the namespace of the site that connects. `skupper link status` shows its name, so it is that of
// the other site.
func transferred(answer map[string]any, from, to *site) (kubeapi.Object, error) {
	body, err := kubeapi.Canonical(answer)
	if err != nil {
		return kubeapi.Object{}, apierr.Errorf(apierr.Invalid, "the token of %s for %s cannot be read: %w", to, from, err)
	}
	meta, _ := body["metadata"].(map[string]any)
	meta["name"] = to.name
	return kubeapi.Object{Cluster: from.cluster.Name, Namespace: from.namespace, Kind: secretKind, Name: to.name, Body: body, Secret: true}, nil
}

// removeToken deletes a token, or a request for one, that this integration made.
func (r *reconciler) removeToken(ctx context.Context, s reconcile.Scope, at *site, name string) error {
	client, err := r.client(ctx, s, at)
	if err != nil {
		return err
	}
	return client.Delete(ctx, owner, kubeapi.Policy{}, kubeapi.Object{Cluster: at.cluster.Name, Namespace: at.namespace, Kind: secretKind, Name: name})
}
