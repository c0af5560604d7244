package serviceaccounttokens

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Desired returns the Secrets of the scope's cluster and, where they go to Vault, their copies there.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	objects, err := r.objects.Desired(ctx, s)
	var problems reconcile.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	specs, err := r.specs(ctx, s)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(objects))
	for _, object := range objects {
		w, ok := find(specs, object)
		if !ok {
			continue
		}
		item := Item{Object: &object}
		if object.Body != nil {
			item.Issue = w.account.String()
		}
		items = append(items, item)
	}
	copies, faults := r.copies(s, specs, objects)
	return append(items, copies...), append(problems, faults...).ErrorOrNil()
}

// find returns the spec that an object is made for: the first one of its name.
func find(specs []spec, object kubeapi.Object) (spec, bool) {
	i := slices.IndexFunc(specs, func(w spec) bool {
		return w.cluster.Name == object.Cluster && w.namespace == object.Namespace && w.name == object.Name
	})
	if i < 0 {
		return spec{}, false
	}
	return specs[i], true
}

// namespaces returns those that get tokens, and those of the accounts: what an earlier version of the datafiles put there
// goes.
func (r *reconciler) namespaces(ctx context.Context, s reconcile.Scope) ([]namespaced.Namespace, error) {
	specs, err := r.specs(ctx, s)
	if err != nil {
		return nil, err
	}
	type place struct{ cluster, namespace string }
	wanted := map[place][]spec{}
	var order []namespaced.Namespace
	list := func(n namespaced.Namespace) place {
		at := place{n.Cluster.Name, n.Name}
		if _, listed := wanted[at]; !listed {
			wanted[at] = nil
			order = append(order, n)
		}
		return at
	}
	here := &tokens{scope: s, connect: r.connect, read: map[string]clusterTokens{}}
	for _, w := range specs {
		at := list(namespaced.Namespace{Name: w.namespace, Cluster: w.cluster})
		wanted[at] = append(wanted[at], w)
		list(namespaced.Namespace{Name: w.account.namespace, Cluster: w.at})
		if w.cluster.Name == s.Name {
			here.specs = append(here.specs, w)
		}
	}
	for i := range order {
		specs := wanted[place{order[i].Cluster.Name, order[i].Name}]
		order[i].Managed = []kubeapi.Managed{{Kind: kind}}
		order[i].Bodies = func(ctx context.Context, _ reconcile.Scope, asked namespaced.Wanted) ([]namespaced.Body, error) {
			return here.bodies(ctx, specs, asked)
		}
	}
	return order, nil
}

// bodies are the Secrets of a namespace. That of an account without a token has no data yet: it is made when it is applied.
//
// Differs from the reference: a Secret gets its token in the run that has it issued. The reference asks for the token in
// one run and copies it in the next, and in between ends with an error.
//
// Differs from the reference: an account that does not exist is reported. The reference asks for its token on each run, and
// the cluster deletes what it asks with.
func (t *tokens) bodies(ctx context.Context, specs []spec, asked namespaced.Wanted) ([]namespaced.Body, error) {
	var problems reconcile.Problems
	var all []namespaced.Body
	for _, w := range specs {
		if !asked(kind, w.name) {
			continue
		}
		if w.leftOut(t.scope) {
			logging.From(ctx).Debug("token left as it is: the run leaves the account's cluster out", "account", w.account.String())
			continue
		}
		value, issued, fault, err := t.of(ctx, w)
		if err != nil {
			return nil, err
		}
		if fault == nil && !issued {
			var exists bool
			if exists, err = t.exists(ctx, w); err != nil {
				return nil, err
			}
			if !exists {
				fault = apierr.Errorf(apierr.Missing, "the account does not exist: create it, or take it out of openshiftServiceAccountTokens")
			}
		}
		switch {
		case fault != nil:
			problems = append(problems, apierr.Errorf(apierr.Invalid, "Secret %s/%s in cluster %s gets no token of %s: %w", w.namespace, w.name, w.cluster.Name, w.account, fault))
		case issued:
			all = append(all, namespaced.Body{Object: body(w.name, value), Secret: true})
		default:
			all = append(all, namespaced.Body{Object: bare(w.name)})
		}
	}
	return all, problems.ErrorOrNil()
}

// body is the Secret with a token. Its hash is part of running estates.
func body(name string, token secret.Value) map[string]any {
	object := bare(name)
	object["data"] = map[string]any{"token": base64.StdEncoding.EncodeToString([]byte(token.Reveal()))}
	return object
}

// bare is the Secret without its token.
func bare(name string) map[string]any {
	return map[string]any{"apiVersion": "v1", "kind": kind, "type": "Opaque", "metadata": map[string]any{"name": name}}
}
