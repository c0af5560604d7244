// Package namespaced keeps objects of one kind in namespaces as app-interface wants them. An integration says which
// namespaces there are and what belongs into each; reading, comparing and writing are the same for all of them.
package namespaced

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Namespace is one namespace of a cluster and the objects that belong into it.
type Namespace struct {
	Name    string
	Cluster appinterface.Cluster
	// ClusterAdmin works on the namespace with the cluster's admin token.
	ClusterAdmin bool
	// ManagedNames limits the objects to these names; nil stands for all.
	ManagedNames []string
	// Bodies are the objects as they are to be, without their namespace.
	Bodies []map[string]any
}

// Objects is an integration. Its scopes are clusters.
type Objects struct {
	Owner kubeapi.Owner
	// Kind is "Kind" or "Kind.group".
	Kind string
	// Policy says what a run may do with objects of others.
	Policy func(plan.Args) kubeapi.Policy
	// Namespaces reads the namespaces from app-interface, those that are to be deleted left out.
	Namespaces func(context.Context, reconcile.Scope) ([]Namespace, error)
	Pool       *kubeapi.Pool
}

var _ reconcile.Reconciler[kubeapi.Object] = (*Objects)(nil)

// Shards are the clusters that have a namespace of this integration, without those that disable it and those that
// --internal or --external leave out.
func (o *Objects) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	namespaces, err := o.Namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	clusters := make([]appinterface.Cluster, len(namespaces))
	for i, namespace := range namespaces {
		clusters[i] = namespace.Cluster
	}
	return ClusterNames(clusters, s)
}

// ClusterNames returns the names of the clusters that a run of the integration covers, sorted. A --cluster-name that
// names none of the clusters is Invalid.
func ClusterNames(clusters []appinterface.Cluster, s reconcile.Scope) ([]string, error) {
	for _, name := range s.Args.Strings("cluster-name") {
		if !slices.ContainsFunc(clusters, func(c appinterface.Cluster) bool { return c.Name == name }) {
			return nil, apierr.Errorf(apierr.Invalid, "--cluster-name %s: app-interface has no namespace for %s in a cluster of this name", name, s.Integration)
		}
	}
	var names []string
	for _, cluster := range kubeapi.Select(clusters, s.Integration, s.Args.Tristate("internal"), s.Args.Strings("cluster-name")...) {
		names = append(names, cluster.Name)
	}
	slices.Sort(names)
	return names, nil
}

// Desired returns the objects of the cluster. What is not managed, not valid or desired twice is a problem. Objects
// of a namespace that does not exist yet are left out until it does.
func (o *Objects) Desired(ctx context.Context, s reconcile.Scope) ([]kubeapi.Object, error) {
	namespaces, err := o.in(ctx, s)
	if err != nil {
		return nil, err
	}
	existing, err := o.existing(ctx, s, namespaces)
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	desired := kubeapi.NewDesired(s.Name)
	for _, namespace := range namespaces {
		if !existing(namespace) {
			continue
		}
		desired.Manage(namespace.Name, o.Kind, namespace.ManagedNames...)
		for _, body := range namespace.Bodies {
			if err := desired.Add(namespace.Name, body, namespace.ClusterAdmin); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return desired.Objects(), problems.ErrorOrNil()
}

// Current returns the live objects that are desired, each with its drift, and those that may be deleted.
func (o *Objects) Current(ctx context.Context, s reconcile.Scope, desired []kubeapi.Object) ([]kubeapi.Object, error) {
	namespaces, err := o.in(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []kubeapi.Object
	for _, privileged := range []bool{false, true} {
		var targets []kubeapi.Target
		var cluster appinterface.Cluster
		for _, namespace := range namespaces {
			if namespace.ClusterAdmin == privileged {
				cluster = namespace.Cluster
				targets = append(targets, kubeapi.Target{Namespace: namespace.Name, Kind: o.Kind, Names: namespace.ManagedNames})
			}
		}
		if len(targets) == 0 {
			continue
		}
		client, err := Connect(ctx, o.Pool, s, cluster, privileged)
		if err != nil {
			return nil, err
		}
		wanted := slices.DeleteFunc(slices.Clone(desired), func(object kubeapi.Object) bool { return object.Privileged != privileged })
		live, err := kubeapi.Current(ctx, client, o.Owner, wanted, targets, o.Policy(s.Args))
		if err != nil {
			return nil, err
		}
		all = append(all, live...)
	}
	return all, nil
}

// Apply applies or deletes one object.
func (o *Objects) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[kubeapi.Object]) error {
	object := c.Desired
	if c.Action == plan.Delete {
		object = c.Current
	}
	namespaces, err := o.in(ctx, s)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(namespaces, func(n Namespace) bool { return n.Name == object.Namespace })
	if i < 0 {
		return apierr.Errorf(apierr.Invalid, "%s: app-interface has no such namespace any more", object.Title())
	}
	client, err := Connect(ctx, o.Pool, s, namespaces[i].Cluster, object.Privileged)
	if err != nil {
		return err
	}
	if c.Action == plan.Delete {
		return client.Delete(ctx, o.Owner, o.Policy(s.Args), *object)
	}
	return client.Apply(ctx, o.Owner, *object)
}

// in returns the namespaces of the scope's cluster.
func (o *Objects) in(ctx context.Context, s reconcile.Scope) ([]Namespace, error) {
	namespaces, err := o.Namespaces(ctx, s)
	return slices.DeleteFunc(slices.Clone(namespaces), func(n Namespace) bool { return n.Cluster.Name != s.Name }), err
}

// existing returns which namespaces the cluster has, each as the token sees it that works on it. Where a token may
// not list them, all are taken to exist.
func (o *Objects) existing(ctx context.Context, s reconcile.Scope, namespaces []Namespace) (func(Namespace) bool, error) {
	seen := map[bool]map[string]bool{}
	for _, namespace := range namespaces {
		if _, known := seen[namespace.ClusterAdmin]; known {
			continue
		}
		client, err := Connect(ctx, o.Pool, s, namespace.Cluster, namespace.ClusterAdmin)
		if err != nil {
			return nil, err
		}
		names, err := client.Namespaces(ctx)
		if err != nil && !apierr.Is(err, apierr.Denied) {
			return nil, err
		}
		seen[namespace.ClusterAdmin] = names
	}
	return func(n Namespace) bool {
		names := seen[n.ClusterAdmin]
		return names == nil || names[n.Name]
	}, nil
}

// Connect returns the client for a cluster, privileged or not. --use-jump-host is refused where it would matter.
func Connect(ctx context.Context, pool *kubeapi.Pool, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error) {
	if err := kubeapi.RequireDirect(cluster, s.Args.Bool("use-jump-host")); err != nil {
		return nil, err
	}
	return pool.Client(ctx, cluster, privileged)
}

// IsTrue reads an optional boolean.
func IsTrue(b *bool) bool { return b != nil && *b }
