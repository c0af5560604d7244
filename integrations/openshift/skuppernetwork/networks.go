package skuppernetwork

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the networks with a site in a cluster of this run.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	answer, err := SkupperNetworks(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, n := range answer.Networks {
		for _, namespace := range n.Namespaces {
			if covered(s, namespace.Cluster) {
				names = append(names, n.Identifier)
				break
			}
		}
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired also asks the clusters which namespaces are there.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	answer, err := SkupperNetworks(ctx, r.at(s))
	if err != nil {
		return err
	}
	for _, n := range answer.Networks {
		var faults reconcile.Problems
		if _, err := r.compile(ctx, s, n); err != nil && !errors.As(err, &faults) {
			return err
		}
	}
	return nil
}

// covered says whether a run works on a cluster.
func covered(s reconcile.Scope, cluster appinterface.Cluster) bool {
	return len(kubeapi.Select([]appinterface.Cluster{cluster}, s.Integration, s.Args.Tristate("internal"))) > 0
}

// sites returns those of the scope's network that are sound. Faults of single sites are reconcile.Problems beside them.
func (r *reconciler) sites(ctx context.Context, s reconcile.Scope) ([]*site, error) {
	answer, err := SkupperNetworks(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	for _, n := range answer.Networks {
		if n.Identifier == s.Name {
			return r.compile(ctx, s, n)
		}
	}
	return nil, apierr.Errorf(apierr.Invalid, "app-interface has no skupper network %s any more", s.Name)
}

// members are the sites of a network.
type members []*site

// members returns the sites of the scope's network that are sound, for a change of one of them.
func (r *reconciler) members(ctx context.Context, s reconcile.Scope) (members, error) {
	sites, err := r.sites(ctx, s)
	var faults reconcile.Problems
	if errors.As(err, &faults) {
		err = nil
	}
	return sites, err
}

// named returns a site, given as cluster/namespace.
func (m members) named(name string) (*site, error) {
	for _, one := range m {
		if one.String() == name {
			return one, nil
		}
	}
	return nil, apierr.Errorf(apierr.Invalid, "the network has no site %s any more", name)
}

// compile makes the sites of a network and connects them. A site that can be connected to no other one is left out, as
// Skupper with one site makes no sense.
//
// Differs from the reference: a cluster that disables the integration, or that --internal or --external leave out, stays in
// the network, and nothing is done there. The reference forgets its sites, so that others delete their links to them. And a
// fault concerns one site, where the reference ends the run for all networks.
func (r *reconciler) compile(ctx context.Context, s reconcile.Scope, n network) ([]*site, error) {
	var all []*site
	var faults reconcile.Problems
	for _, namespace := range n.Namespaces {
		made, err := r.site(ctx, s, n, namespace)
		if kind, known := apierr.KindOf(err); err != nil && (!known || kind.Retryable()) {
			return nil, err
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, made)
	}
	connect(all)
	if len(faults) > 0 {
		// Whether a site is an island is not known while others are missing.
		return all, faults
	}
	var sound []*site
	for _, one := range all {
		if one.island(all) {
			faults = append(faults, apierr.Errorf(apierr.Invalid, "skupper site %s can be connected to no other site of network %s; add one that it reaches, or remove it", one, n.Identifier))
			continue
		}
		sound = append(sound, one)
	}
	return sound, faults.ErrorOrNil()
}

func (r *reconciler) site(ctx context.Context, s reconcile.Scope, n network, namespace siteNamespace) (*site, error) {
	cluster := namespace.Cluster
	made := &site{
		name:    n.Identifier + "-" + cluster.Name + "-" + namespace.Name,
		cluster: cluster, namespace: namespace.Name,
		internal: isTrue(cluster.Internal),
		outside:  !covered(s, cluster),
		gone:     isTrue(namespace.Delete),
	}
	if spec := namespace.Placement.Spec; spec != nil {
		made.private = spec.GetPrivate()
	}
	if peering := namespace.Placement.Peering; peering != nil {
		for _, connection := range peering.Connections {
			if to, ok := connection.(interface{ GetCluster() peer }); ok {
				made.peers = append(made.peers, to.GetCluster().Name)
			}
		}
	}
	templates := n.SiteControllerTemplates
	if own := namespace.SkupperSite; own != nil {
		made.gone = made.gone || isTrue(own.Delete)
		if len(own.SiteControllerTemplates) > 0 {
			templates = own.SiteControllerTemplates
		}
	}
	for _, one := range templates {
		object, err := r.render(ctx, s, one, namespace)
		if err != nil {
			return nil, err
		}
		made.objects = append(made.objects, object)
	}
	made.edge = edge(made.objects)
	return made, nil
}

func isTrue(b *bool) bool { return b != nil && *b }
