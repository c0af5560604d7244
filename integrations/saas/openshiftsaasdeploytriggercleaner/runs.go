package openshiftsaasdeploytriggercleaner

import (
	"context"
	"errors"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the clusters of the providers, without those that disable the integration.
//
// Differs from the reference: a cluster that does not answer fails alone, and the run at its end. There the run breaks off,
// or passes over the cluster and succeeds where it has no token.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	providers, err := r.providers(ctx, s)
	if err != nil {
		return nil, err
	}
	clusters := make([]appinterface.Cluster, len(providers))
	for i, p := range providers {
		clusters[i] = p.Namespace.Cluster
	}
	return namespaced.ClusterNames(ctx, clusters, s)
}

// Source implements reconcile.Sourced: the runs come from the clusters.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.providers(ctx, s)
	return err
}

// Desired returns the runs that are kept. A retention that makes no sense is a problem, and keeps all.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Run, error) {
	kept, _, err := r.split(ctx, s)
	return kept, err
}

// Current returns the runs that are desired and those that are not kept. A run that was not there yet when the desired ones
// were read is in neither.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Run) ([]Run, error) {
	_, gone, err := r.split(ctx, s)
	if problems := (reconcile.Problems{}); err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	wanted := make(map[string]bool, len(desired))
	for _, run := range desired {
		wanted[run.Key()] = true
	}
	return append(slices.Clone(desired), slices.DeleteFunc(gone, func(run Run) bool { return wanted[run.Key()] })...), nil
}

// split tells the runs of the scope's cluster that are kept from those that are not. A namespace that several providers have
// keeps what all of them keep.
func (r *reconciler) split(ctx context.Context, s reconcile.Scope) (kept, gone []Run, err error) {
	providers, err := r.in(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	namespaces := make([]string, len(providers))
	for i, p := range providers {
		namespaces[i] = p.Namespace.Name
	}
	client, err := r.connect(ctx, s, providers[0].Namespace.Cluster, false)
	if err != nil {
		return nil, nil, err
	}
	objects, err := client.ListKind(ctx, kind, namespaces)
	if err != nil {
		return nil, nil, err
	}
	runs := map[string][]found{}
	for _, object := range objects {
		run := read(s.Name, object)
		runs[run.Namespace] = append(runs[run.Namespace], run)
	}
	var problems reconcile.Problems
	expired := map[string]bool{}
	for _, p := range providers {
		keep := p.Defaults.Retention
		if p.Retention != nil {
			keep = *p.Retention
		}
		if err := keep.vet(); err != nil {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "provider %s of pipelines: %w", p.Name, err))
			continue
		}
		for _, run := range keep.expired(runs[p.Namespace.Name], r.now()) {
			expired[run.Key()] = true
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(runs)) {
		for _, run := range runs[namespace] {
			if expired[run.Key()] {
				gone = append(gone, run.Run)
			} else {
				kept = append(kept, run.Run)
			}
		}
	}
	return kept, gone, problems.ErrorOrNil()
}

// read takes a run from a live object.
func read(cluster string, live map[string]any) found {
	object := unstructured.Unstructured{Object: live}
	ended, _, err := unstructured.NestedString(live, "status", "completionTime")
	return found{
		Run:     Run{Cluster: cluster, Namespace: object.GetNamespace(), Name: object.GetName(), UID: string(object.GetUID())},
		created: object.GetCreationTimestamp().Time,
		ended:   err == nil && ended != "",
	}
}

// provider is a provider of pipelines.
type provider = anyProviderPipelinesProviderTektonV1

// providers returns those of Tekton.
func (r *reconciler) providers(ctx context.Context, s reconcile.Scope) ([]*provider, error) {
	answer, err := PipelineRetentions(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var providers []*provider
	for _, one := range answer.Providers {
		if tekton, ok := one.(*provider); ok {
			providers = append(providers, tekton)
		}
	}
	return providers, nil
}

// in returns the providers of the scope's cluster, at least one.
func (r *reconciler) in(ctx context.Context, s reconcile.Scope) ([]*provider, error) {
	providers, err := r.providers(ctx, s)
	if err != nil {
		return nil, err
	}
	providers = slices.DeleteFunc(providers, func(p *provider) bool { return p.Namespace.Cluster.Name != s.Name })
	if len(providers) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no provider of pipelines in cluster %s any more", s.Name)
	}
	return providers, nil
}

// client connects to the scope's cluster.
func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (*kubeapi.Client, error) {
	providers, err := r.in(ctx, s)
	if err != nil {
		return nil, err
	}
	return r.connect(ctx, s, providers[0].Namespace.Cluster, false)
}
