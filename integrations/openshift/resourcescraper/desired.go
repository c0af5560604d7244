package resourcescraper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/survey"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the clusters that can be connected to and do not disable the integration.
//
// Differs from the reference: a cluster that does not answer fails alone, and the run at its end. The reference passes it
// over and succeeds.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	clusters, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(clusters))
	for i, c := range clusters {
		names[i] = c.Name
	}
	slices.Sort(names)
	return names, nil
}

// Source implements reconcile.Sourced: what is copied comes from the clusters.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.clusters(ctx, s)
	return err
}

func (r *reconciler) clusters(ctx context.Context, s reconcile.Scope) ([]appinterface.Cluster, error) {
	answer, err := ScrapedClusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return survey.Reachable(kubeapi.Select(answer.Clusters, s.Integration, nil)), nil
}

// Desired returns the objects in the cluster's namespace. One that cannot be copied is a problem. A cluster that does not
// serve the kind fails, one without the namespace has nothing to copy.
//
// Differs from the reference: an object without data is reported. The reference ends there.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Copy, error) {
	for _, flag := range []string{namespaceName, resourceKind, outputPath} {
		if s.Args.String(flag) == "" {
			return nil, apierr.Errorf(apierr.Invalid, "--%s is missing: it says what is copied, and where to", flag)
		}
	}
	client, err := r.client(ctx, s)
	if err != nil {
		return nil, err
	}
	objects, err := client.ListKind(ctx, s.Args.String(resourceKind), []string{s.Args.String(namespaceName)})
	if err != nil {
		return nil, err
	}
	var copies []Copy
	var problems reconcile.Problems
	for _, live := range objects {
		o, err := read(live)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s/%s in cluster %s: %w", s.Args.String(resourceKind), s.Args.String(namespaceName), o.name, s.Name, err))
			continue
		}
		path := strings.Join([]string{strings.TrimSuffix(s.Args.String(outputPath), "/"), Name, s.Name, s.Args.String(namespaceName), o.name}, "/")
		copies = append(copies, Copy{Path: path, Name: o.name, Digest: digest(o.data)})
	}
	return copies, problems.ErrorOrNil()
}

// client connects to the scope's cluster.
func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (cluster, error) {
	clusters, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(clusters, func(c appinterface.Cluster) bool { return c.Name == s.Name })
	if i < 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s any more", s.Name)
	}
	return r.connect(ctx, s, clusters[i])
}
