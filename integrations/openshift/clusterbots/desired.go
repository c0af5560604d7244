package clusterbots

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the clusters with ocm and a serverUrl whose datafiles lack a token.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	found, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range found {
		if c.wanting() {
			names = append(names, c.Name)
		}
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired asks the cluster as well.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.clusters(ctx, s); err != nil {
		return err
	}
	return r.requests(s).Inputs(ctx)
}

// Desired returns the bots whose tokens the cluster's datafile lacks, and the request. A cluster that does not answer, as
// one that is being installed, has none yet.
//
// Differs from the reference: a token that the datafile names is left alone; the reference makes both tokens where one is
// lacking, and points the datafile at its own secrets.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	c, err := r.cluster(ctx, s)
	if err != nil {
		return nil, err
	}
	ready, err := r.ready(ctx, c.ServerUrl, c.InsecureSkipTLSVerify != nil && *c.InsecureSkipTLSVerify)
	if err != nil {
		return nil, err
	}
	if !ready {
		logging.From(ctx).Info("cluster skipped: its API server does not say that it is ready", "cluster", c.Name, "server", c.ServerUrl)
		return nil, nil
	}
	return append(c.bots(s.Args), Item{Cluster: c.Name, What: request}), nil
}

// bots are those whose tokens the datafile lacks.
func (c clusterDatafile) bots(args plan.Args) []Item {
	var items []Item
	at := args.String(credsPath) + "/" + c.Name
	if c.AutomationToken == nil {
		items = append(items, Item{
			Cluster: c.Name, What: dedicatedAdmin, Vault: at, Namespace: args.String(dedicatedAdminSpace), Account: args.String(dedicatedAdminAccount),
		})
	}
	if c.ClusterAdmin != nil && *c.ClusterAdmin && c.ClusterAdminAutomationToken == nil {
		items = append(items, Item{
			Cluster: c.Name, What: clusterAdmin, Vault: at + "-cluster-admin", Namespace: args.String(clusterAdminSpace), Account: args.String(clusterAdminAccount),
		})
	}
	return items
}

// wanting says whether the cluster is one that bots are made in.
func (c clusterDatafile) wanting() bool {
	off := c.Disable != nil && slices.Contains(c.Disable.Integrations, Name)
	lacks := c.AutomationToken == nil || c.ClusterAdmin != nil && *c.ClusterAdmin && c.ClusterAdminAutomationToken == nil
	return !off && lacks && c.Ocm != nil && c.ServerUrl != ""
}

func (r *reconciler) clusters(ctx context.Context, s reconcile.Scope) ([]clusterDatafile, error) {
	answer, err := BotClusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Clusters, nil
}

// cluster returns that of the scope.
func (r *reconciler) cluster(ctx context.Context, s reconcile.Scope) (clusterDatafile, error) {
	found, err := r.clusters(ctx, s)
	if err != nil {
		return clusterDatafile{}, err
	}
	for _, c := range found {
		if c.Name == s.Name && c.wanting() {
			return c, nil
		}
	}
	return clusterDatafile{}, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s that lacks a token any more", s.Name)
}
