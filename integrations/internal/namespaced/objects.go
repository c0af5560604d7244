// Package namespaced keeps objects in the namespaces of clusters as app-interface wants them. An integration says which
// namespaces there are, which kinds it manages there and what belongs into each; reading, comparing and writing are the
// same for all of them.
package namespaced

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Namespace is one namespace of a cluster and the objects that belong into it.
type Namespace struct {
	// Name is empty for what belongs to the cluster itself.
	Name    string
	Cluster appinterface.Cluster
	// ClusterAdmin works on the namespace with the cluster's admin token.
	ClusterAdmin bool
	// Managed are the kinds that the integration manages there.
	Managed []kubeapi.Managed
	// Bodies makes the objects as they are to be.
	Bodies func(ctx context.Context, s reconcile.Scope, wanted Wanted) ([]Body, error)
}

// Wanted says whether an object is asked for. What is not may be left out where that saves work.
type Wanted func(kind, name string) bool

// Body is an object as it is to be, without its namespace.
type Body struct {
	Object map[string]any
	// Secret keeps the object out of payloads: it holds values of secrets. It is made again by the steps that need it.
	Secret bool
}

// Plain are bodies without secrets, which are the same for every scope.
func Plain(objects ...map[string]any) func(context.Context, reconcile.Scope, Wanted) ([]Body, error) {
	bodies := make([]Body, len(objects))
	for i, object := range objects {
		bodies[i] = Body{Object: object}
	}
	return func(context.Context, reconcile.Scope, Wanted) ([]Body, error) { return bodies, nil }
}

// Objects is an integration. Its scopes are clusters.
type Objects struct {
	Owner kubeapi.Owner
	// Policy says what a run may do with objects of others.
	Policy func(plan.Args) kubeapi.Policy
	// Namespaces reads the namespaces from app-interface, those that are to be deleted left out. A namespace may be listed
	// more than once.
	Namespaces func(context.Context, reconcile.Scope) ([]Namespace, error)
	// Connect returns the client for a cluster, privileged or not.
	Connect func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error)
	// AwaitNamespaces wants the objects of namespaces that do not exist yet all the same. Apply is NotYet until they do.
	AwaitNamespaces bool

	placement placement
}

var (
	_ reconcile.Reconciler[kubeapi.Object] = (*Objects)(nil)
	_ reconcile.Sourced                    = (*Objects)(nil)
)

// mostByThemselves is the number of clusters up to which a check runs the affected ones alone. A change that reaches
// more of them is one of the whole estate.
//
// Differs from the reference: a check runs up to 10 affected clusters by themselves. The reference does so for 2 at most,
// since each of its shards reads everything anew, and only in a few integrations.
const mostByThemselves = 10

// ByCluster divides what a query reads as namespaces. Flag is the one that limits a run to clusters, or "".
func ByCluster(flag string) *reconcile.Partition {
	return &reconcile.Partition{Roots: map[string]string{"namespaces": "cluster.name"}, Flag: flag, Most: mostByThemselves}
}

// ByItself divides what a query reads as clusters.
func ByItself() *reconcile.Partition {
	return &reconcile.Partition{Roots: map[string]string{"clusters": "name"}, Most: mostByThemselves}
}

// Source reads the namespaces, which is all that comes from app-interface: Desired also asks the clusters which of them
// are there.
func (o *Objects) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := o.Namespaces(ctx, s)
	return err
}

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
	return ClusterNames(ctx, clusters, s)
}

// ClusterNames returns the names of the clusters that a run of the integration covers, sorted. A --cluster-name that
// names none of the clusters is Invalid.
func ClusterNames(ctx context.Context, clusters []appinterface.Cluster, s reconcile.Scope) ([]string, error) {
	for _, name := range s.Args.Strings("cluster-name") {
		if !slices.ContainsFunc(clusters, func(c appinterface.Cluster) bool { return c.Name == name }) {
			return nil, apierr.Errorf(apierr.Invalid, "--cluster-name %s: app-interface has no namespace for %s in a cluster of this name", name, s.Integration)
		}
	}
	disabled := map[string]bool{}
	for _, cluster := range clusters {
		if cluster.Disables(s.Integration) && !disabled[cluster.Name] {
			disabled[cluster.Name] = true
			logging.From(ctx).Debug("cluster skipped: its datafile disables the integration", "cluster", cluster.Name, "integration", s.Integration)
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
// of a namespace that does not exist yet are left out until it does, unless AwaitNamespaces.
func (o *Objects) Desired(ctx context.Context, s reconcile.Scope) ([]kubeapi.Object, error) {
	namespaces, err := o.in(ctx, s)
	if err != nil {
		return nil, err
	}
	if !o.AwaitNamespaces {
		existing, err := o.existing(ctx, s, namespaces)
		if err != nil {
			return nil, err
		}
		namespaces = slices.DeleteFunc(namespaces, func(n Namespace) bool { return !existing(n) })
	}
	desired, problems, err := build(ctx, s, namespaces, func(Namespace) Wanted { return everything })
	if err != nil {
		return nil, err
	}
	objects := desired.Objects()
	if err := withhold(objects); err != nil {
		return nil, err
	}
	return objects, problems.ErrorOrNil()
}

// Current returns the live objects that are desired, each with its drift, and those that may be deleted.
func (o *Objects) Current(ctx context.Context, s reconcile.Scope, desired []kubeapi.Object) ([]kubeapi.Object, error) {
	namespaces, err := o.in(ctx, s)
	if err != nil {
		return nil, err
	}
	desired, err = complete(ctx, s, namespaces, desired)
	if err != nil {
		return nil, err
	}
	var found []kubeapi.Object
	for _, privileged := range []bool{false, true} {
		var targets []kubeapi.Target
		var cluster appinterface.Cluster
		for _, namespace := range namespaces {
			if namespace.ClusterAdmin == privileged {
				cluster = namespace.Cluster
				for _, managed := range namespace.Managed {
					targets = append(targets, kubeapi.Target{Namespace: namespace.Name, Kind: managed.Kind, Names: managed.Names})
				}
			}
		}
		if len(targets) == 0 {
			continue
		}
		client, err := o.Connect(ctx, s, cluster, privileged)
		if err != nil {
			return nil, err
		}
		wanted := slices.DeleteFunc(slices.Clone(desired), func(object kubeapi.Object) bool { return object.Privileged != privileged })
		live, err := kubeapi.Current(ctx, client, o.Owner, wanted, targets, o.Policy(s.Args))
		if err != nil {
			return nil, err
		}
		found = append(found, live...)
	}
	measure(metrics.From(ctx), s, namespaces, desired, found)
	return found, nil
}

// Apply applies or deletes one object.
func (o *Objects) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[kubeapi.Object]) error {
	object := c.Desired
	if c.Action == plan.Delete {
		object = c.Current
	}
	namespaces, err := o.placement.namespaces(ctx, o, s, object.Namespace)
	if err != nil {
		return err
	}
	if len(namespaces) == 0 {
		return apierr.Errorf(apierr.Invalid, "%s: app-interface has no such namespace any more", object.Title())
	}
	client, err := o.Connect(ctx, s, namespaces[0].Cluster, object.Privileged)
	if err != nil {
		return err
	}
	if c.Action == plan.Delete {
		return client.Delete(ctx, o.Owner, o.Policy(s.Args), *object)
	}
	whole, err := complete(ctx, s, namespaces, []kubeapi.Object{*object})
	if err != nil {
		return err
	}
	if c.Current != nil && c.Current.StampOnly {
		return client.Stamp(ctx, o.Owner, whole[0])
	}
	return client.Apply(ctx, o.Owner, whole[0])
}

// in returns the namespaces of the scope's cluster.
func (o *Objects) in(ctx context.Context, s reconcile.Scope) ([]Namespace, error) {
	namespaces, err := o.Namespaces(ctx, s)
	return slices.DeleteFunc(namespaces, func(n Namespace) bool { return n.Cluster.Name != s.Name }), err
}

// existing returns which namespaces the cluster has, each as the token sees it that works on it. Where a token may
// not list them, all are taken to exist.
func (o *Objects) existing(ctx context.Context, s reconcile.Scope, namespaces []Namespace) (func(Namespace) bool, error) {
	seen := map[bool]map[string]bool{}
	for _, namespace := range namespaces {
		if namespace.Name == "" {
			continue
		}
		if _, known := seen[namespace.ClusterAdmin]; known {
			continue
		}
		client, err := o.Connect(ctx, s, namespace.Cluster, namespace.ClusterAdmin)
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
		return n.Name == "" || names == nil || names[n.Name]
	}, nil
}

func everything(string, string) bool { return true }

// IsTrue reads an optional boolean.
func IsTrue(b *bool) bool { return b != nil && *b }
