package kubeapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Desired collects the desired objects of one cluster, and refuses those that nothing may be done about: kinds
// and names that are not managed, and duplicates. A refused object changes nothing; those before it stay.
type Desired struct {
	cluster string
	managed map[place]names
	objects map[string]Object
}

// place is where one kind of objects lives.
type place struct{ namespace, kind string }

// names are the managed names; nil stands for all.
type names []string

// NewDesired returns an empty collection for a cluster.
func NewDesired(cluster string) *Desired {
	return &Desired{cluster: cluster, managed: map[place]names{}, objects: map[string]Object{}}
}

// Manage declares a kind ("Kind" or "Kind.group") as managed in a namespace, empty for kinds of the cluster
// itself. With names, only those. Of two declarations the first one counts.
func (d *Desired) Manage(namespace, kind string, only ...string) {
	at := place{namespace, kind}
	if _, declared := d.managed[at]; !declared {
		d.managed[at] = names(only)
	}
}

// Add takes an object into a namespace. The error is apierr.Invalid, names the object and shows no value of it.
func (d *Desired) Add(namespace string, body map[string]any, privileged bool) error {
	return d.take(namespace, body, Object{Privileged: privileged})
}

// AddSecret is Add for an object that holds values of secrets, whatever its kind.
func (d *Desired) AddSecret(namespace string, body map[string]any, privileged bool) error {
	return d.take(namespace, body, Object{Privileged: privileged, Secret: true})
}

func (d *Desired) take(namespace string, body map[string]any, object Object) error {
	given := body
	body, err := plainBody(given)
	if err != nil {
		return apierr.Errorf(apierr.Invalid, "%s in cluster %s: %w", describe(kindOf(given), namespace, nameOf(given)), d.cluster, err)
	}
	if err := Validate(body); err != nil {
		return apierr.Errorf(apierr.Invalid, "namespace %s in cluster %s: %w", namespace, d.cluster, err)
	}
	object.Cluster, object.Namespace, object.Kind, object.Name, object.Body = d.cluster, namespace, KindAndGroup(body), nameOf(body), body
	if inside := namespaceOf(body); inside != "" && namespace != "" && inside != namespace {
		return apierr.Errorf(apierr.Invalid, "%s: the object's own namespace is %s; remove it or make it the same", object.Title(), inside)
	}
	managed, declared := d.managed[place{namespace, object.Kind}]
	if !declared {
		object.Kind = kindOf(body)
		if managed, declared = d.managed[place{namespace, object.Kind}]; !declared {
			return apierr.Errorf(apierr.Invalid, "%s: the kind is not managed there; add it to managedResourceTypes", object.Title())
		}
	}
	if managed != nil && !slices.Contains(managed, object.Name) {
		return apierr.Errorf(apierr.Invalid, "%s: the name is not managed there; add it to managedResourceNames", object.Title())
	}
	if _, twice := d.objects[object.Key()]; twice {
		return apierr.Errorf(apierr.Invalid, "%s is desired twice; the first one counts", object.Title())
	}
	d.objects[object.Key()] = object
	return nil
}

// Objects returns what was taken, by key.
func (d *Desired) Objects() []Object {
	return slices.SortedFunc(maps.Values(d.objects), func(a, b Object) int { return strings.Compare(a.Key(), b.Key()) })
}

// Targets returns what is managed, as Current reads it.
func (d *Desired) Targets() []Target {
	targets := make([]Target, 0, len(d.managed))
	for at, only := range d.managed {
		targets = append(targets, Target{Namespace: at.namespace, Kind: at.kind, Names: only})
	}
	slices.SortFunc(targets, func(a, b Target) int {
		return strings.Compare(a.Namespace+"/"+a.Kind, b.Namespace+"/"+b.Kind)
	})
	return targets
}
