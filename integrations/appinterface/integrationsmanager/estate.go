package integrationsmanager

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// schedules is the scope of the schedules. All others are clusters.
const schedules = "schedules"

// home is an integration's group of workers, empty where it cannot be told, and its namespaces by their paths.
type home struct {
	group      string
	namespaces []string
}

// estate is what app-interface says, as a run sees it.
type estate struct {
	fleet.Fleet
	// namespaces are those that an integration of ours runs in, or one that the reference still runs.
	namespaces []fleet.Namespace
	// homes are where each integration's workers are.
	homes map[string]home
	// upstreams are those of all integrations.
	upstreams []string
	// commitLength is how much of a commit makes an image's tag.
	commitLength int
}

func (r *reconciler) read(ctx context.Context, s reconcile.Scope) (*estate, error) {
	data, err := fleet.Read(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	answer, err := ImageSettings(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	e := &estate{homes: map[string]home{}, upstreams: []string{s.Args.String("upstream")}}
	for _, settings := range answer.Settings {
		e.commitLength = settings.HashLength
	}
	environment := s.Args.String("environment-name")
	e.Fleet = fleet.New(data, fleet.Options{Registry: r.registry, Environment: environment, Upstream: s.Args.String("upstream")})
	for _, integration := range data.Integrations {
		if integration.Upstream != "" {
			e.upstreams = append(e.upstreams, integration.Upstream)
		}
		definition, err := r.registry.Get(integration.Name)
		if err != nil {
			continue
		}
		at := home{group: groupOf(definition, integration)}
		for _, managed := range integration.Managed {
			if environment == "" || managed.Namespace.Environment.Name == environment {
				e.add(managed.Namespace)
				at.namespaces = append(at.namespaces, managed.Namespace.Path)
			}
		}
		e.homes[integration.Name] = at
	}
	return e, nil
}

// groupOf is the group that a unit of the integration belongs to where it has no image of its own.
func groupOf(d reconcile.Definition, integration fleet.Integration) string {
	var labels map[string]any
	if err := integration.Labels.Decode(&labels); err != nil {
		return ""
	}
	switch name := labels[fleet.GroupLabel].(type) {
	case nil:
		return d.Family
	case string:
		return name
	}
	return ""
}

func (e *estate) add(namespace fleet.Namespace) {
	if !slices.ContainsFunc(e.namespaces, func(n fleet.Namespace) bool { return n.Path == namespace.Path }) {
		e.namespaces = append(e.namespaces, namespace)
	}
}

// in returns the namespaces of a cluster.
func (e *estate) in(cluster string) []fleet.Namespace {
	return slices.DeleteFunc(slices.Clone(e.namespaces), func(n fleet.Namespace) bool { return n.Cluster.Name != cluster })
}

// Source reads all that comes from app-interface.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.read(ctx, s)
	return err
}

// Shards are the schedules, and the clusters that integrations run in.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	e, err := r.read(ctx, s)
	if err != nil {
		return nil, err
	}
	clusters := make([]appinterface.Cluster, len(e.namespaces))
	for i, namespace := range e.namespaces {
		clusters[i] = namespace.Cluster
	}
	names := []string{}
	for _, cluster := range kubeapi.Select(clusters, Name, s.Args.Tristate("internal")) {
		if cluster.Name == schedules {
			return nil, apierr.Errorf(apierr.Invalid, "a cluster cannot be called %s here: that is the scope of the schedules", schedules)
		}
		names = append(names, cluster.Name)
	}
	slices.Sort(names)
	return append([]string{schedules}, names...), nil
}

// client connects to the scope's cluster.
func (r *reconciler) client(ctx context.Context, s reconcile.Scope, e *estate) (*kubeapi.Client, error) {
	namespaces := e.in(s.Name)
	if len(namespaces) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "no integration runs in cluster %s any more", s.Name)
	}
	return r.connect(ctx, s, namespaces[0].Cluster)
}
