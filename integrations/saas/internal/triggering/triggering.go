// Package triggering starts the deployments of saas files whose targets have got another value: another configuration, commit,
// build or image. State keeps the values that were deployed last, under the reference's keys, and gets a new one when the
// deployment is certain to start: its PipelineRun is there.
//
// Before a PipelineRun is created, its name and what it is for are noted in state. A run that breaks off in between is gone on
// with by the next one, which finds the note, so that no deployment is lost and none is started twice.
package triggering

import (
	"context"
	"errors"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/sharding"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// includeTrace is the flag that has deployments told what triggered them.
const includeTrace = "include-trigger-trace"

// Params are the flags of all triggers.
func Params() []reconcile.Param {
	return append([]reconcile.Param{
		reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
		{Name: includeTrace, Type: reconcile.Bool, Default: "false", Help: "tell deployments which integration triggered them, and why"},
	}, reconcile.Shards()...)
}

// Watcher says which values the targets of saas files have. Faults of single targets are reconcile.Problems beside the watches
// of the others.
type Watcher interface {
	Watch(ctx context.Context, s reconcile.Scope, files []saasfile.File) ([]trigger.Watch, error)
	// Source reads from app-interface what Watch reads there, and from nowhere else.
	Source(ctx context.Context, s reconcile.Scope) error
}

// Kubernetes is what is needed of a cluster.
type Kubernetes interface {
	Get(ctx context.Context, kind, namespace, name string) (map[string]any, error)
	Create(ctx context.Context, owner kubeapi.Owner, o kubeapi.Object) error
}

// memory is what is needed of state.
type memory interface {
	Get(ctx context.Context, key string) (state.Entry, error)
	Set(ctx context.Context, key string, value any, metadata map[string]string) error
	Remove(ctx context.Context, key string) error
}

// Triggers is an integration. Its scopes are the clusters in which the pipelines of saas files run.
type Triggers struct {
	owner   kubeapi.Owner
	kind    trigger.Kind
	watcher Watcher
	at      func(reconcile.Scope) graphql.Client
	connect func(context.Context, reconcile.Scope, appinterface.Cluster) (Kubernetes, error)
	state   memory
}

// New returns the integration of an owner, which has its name and version, for the values that the watcher finds.
func New(set *clients.Set, owner kubeapi.Owner, kind trigger.Kind, watcher Watcher) *Triggers {
	app, clusters := set.AppInterface(), set.Clusters()
	return &Triggers{
		owner: owner, kind: kind, watcher: watcher, state: set.State(owner.Integration),
		at: func(s reconcile.Scope) graphql.Client { return app.At(s) },
		connect: func(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) (Kubernetes, error) {
			return clusters.Connect(ctx, s, c, false)
		},
	}
}

var (
	_ reconcile.Reconciler[Trigger] = (*Triggers)(nil)
	_ reconcile.Vetter[Trigger]     = (*Triggers)(nil)
	_ reconcile.Sharded             = (*Triggers)(nil)
	_ reconcile.Sourced             = (*Triggers)(nil)
)

// Shards are the clusters in which pipelines of saas files run.
//
// Differs from the reference: saas files whose pipelines run in a cluster that disables the integration, or that --internal or
// --external leaves out, are left alone; there the first one that fires ends the run.
func (t *Triggers) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	set, err := saasfile.Read(ctx, t.at(s))
	if err != nil {
		return nil, err
	}
	var clusters []appinterface.Cluster
	for _, file := range set.Files {
		if provider, ok := file.PipelinesProvider.(*saasfile.Tekton); ok && inShard(s, file.Name) {
			clusters = append(clusters, provider.Namespace.Cluster)
		}
	}
	for _, fault := range set.Faults {
		if provider, ok := fault.Provider.(*saasfile.Tekton); ok && inShard(s, fault.File) {
			clusters = append(clusters, provider.Namespace.Cluster)
		}
	}
	return namespaced.ClusterNames(ctx, clusters, s)
}

// Source implements reconcile.Sourced: Desired may ask others besides.
func (t *Triggers) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := saasfile.Read(ctx, t.at(s)); err != nil {
		return err
	}
	return t.watcher.Source(ctx, s)
}

// Desired returns the triggers of the scope's saas files with the values that their targets have.
func (t *Triggers) Desired(ctx context.Context, s reconcile.Scope) ([]Trigger, error) {
	set, err := saasfile.Read(ctx, t.at(s))
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	for _, fault := range set.Faults {
		if inScope(s, fault.File, fault.Provider) {
			problems = append(problems, fault)
		}
	}
	var files []saasfile.File
	for _, file := range set.Files {
		if inScope(s, file.Name, file.PipelinesProvider) {
			files = append(files, file)
		}
	}
	watches, err := t.watcher.Watch(ctx, s, files)
	var faults reconcile.Problems
	if err != nil && !errors.As(err, &faults) {
		return nil, err
	}
	problems = append(problems, faults...)
	var items []Trigger
	for _, start := range trigger.Starts(watches) {
		item, err := t.item(start)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		items = append(items, item)
	}
	return items, problems.ErrorOrNil()
}

func (t *Triggers) item(start trigger.Start) (Trigger, error) {
	run, err := start.Run(t.owner.Integration, false)
	if err != nil {
		return Trigger{}, err
	}
	provider, err := start.Provider()
	if err != nil {
		return Trigger{}, err
	}
	item := Trigger{Run: run, Cluster: provider.Namespace.Cluster, Kind: t.kind}
	seen := map[string]bool{}
	for _, watch := range start.Watches {
		if seen[watch.Key] {
			continue
		}
		seen[watch.Key] = true
		namespace := watch.Target.Namespace
		item.Values = append(item.Values, Value{
			Key: watch.Key, Value: []byte(watch.Text()), Reason: watch.Reason,
			Target: watch.Template.Name + " in " + namespace.Cluster.Name + "/" + namespace.Name,
		})
	}
	return item, nil
}

func inShard(s reconcile.Scope, file string) bool {
	return sharding.Hash(file, max(1, s.Args.Int("shards"))) == s.Args.Int("shard-id")
}

func inScope(s reconcile.Scope, file string, provider saasfile.PipelinesProvider) bool {
	found, ok := provider.(*saasfile.Tekton)
	return ok && found.Namespace.Cluster.Name == s.Name && inShard(s, file)
}
