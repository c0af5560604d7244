package openshiftsaasdeploy

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the live objects that are desired or may be deleted, and the rollouts of which an object is there, each
// with what it lacks.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Item) ([]Item, error) {
	st, err := r.load(ctx, s)
	if err != nil {
		return nil, err
	}
	wanted := byCluster(desired)
	var items []Item
	found := map[string]kubeapi.Object{}
	for _, name := range st.clusters() {
		readable, err := r.readable(ctx, s, st, name, wanted)
		if err != nil {
			return nil, err
		}
		if !readable {
			continue
		}
		objects, err := r.objects(st, r.again(s, st, wanted[name].commits())).Current(ctx, within(s, name), wanted[name].objects())
		if err != nil {
			return nil, err
		}
		for i := range objects {
			item := Item{Object: &objects[i]}
			found[item.Key()] = objects[i]
			items = append(items, item)
		}
	}
	rollouts, err := r.standing(ctx, desired, found)
	if err != nil {
		return nil, err
	}
	items = leave(desired, append(items, rollouts...))
	return append(items, r.due(desired, items)...), nil
}

// clusterItems are the desired items of one cluster.
type clusterItems []Item

func byCluster(desired []Item) map[string]clusterItems {
	all := map[string]clusterItems{}
	for _, item := range desired {
		switch {
		case item.Object != nil:
			all[item.Object.Cluster] = append(all[item.Object.Cluster], item)
		case item.Rollout != nil:
			all[item.Rollout.Cluster.Name] = append(all[item.Rollout.Cluster.Name], item)
		}
	}
	return all
}

func (c clusterItems) objects() []kubeapi.Object {
	var objects []kubeapi.Object
	for _, item := range c {
		if item.Object != nil {
			objects = append(objects, *item.Object)
		}
	}
	return objects
}

// commits are those of the rollouts, by their targets.
func (c clusterItems) commits() map[string]string {
	commits := map[string]string{}
	for _, item := range c {
		if item.Rollout != nil {
			commits[item.Rollout.Target] = item.Rollout.Commit
		}
	}
	return commits
}

// readable says whether the objects of a cluster are read: not where all of its targets are problems, since nothing would come
// of it.
func (r *reconciler) readable(ctx context.Context, s reconcile.Scope, st *stage, name string, wanted map[string]clusterItems) (bool, error) {
	if len(wanted[name]) > 0 {
		return true, nil
	}
	for _, t := range st.targets {
		if t.cluster() == name && !t.Deleted() {
			return false, nil
		}
	}
	_, err := r.connect(ctx, s, st.cluster(name), namespaced.IsTrue(st.file.ClusterAdmin))
	if apierr.Is(err, apierr.Unavailable) {
		_, err = r.connect(ctx, s, st.cluster(name), namespaced.IsTrue(st.file.ClusterAdmin))
	}
	if passing(err) && !apierr.Is(err, apierr.Unavailable) {
		return false, err
	}
	return err == nil, nil
}

// standing returns the rollouts as they stand.
func (r *reconciler) standing(ctx context.Context, desired []Item, found map[string]kubeapi.Object) ([]Item, error) {
	var items []Item
	for _, item := range desired {
		if item.Rollout != nil {
			items = append(items, item)
		}
	}
	there := make([]bool, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(targetsAtOnce)
	for i := range items {
		group.Go(func() error {
			rollout := *items[i].Rollout
			var err error
			there[i], err = r.stand(ctx, &rollout, found)
			items[i] = Item{Rollout: &rollout}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var standing []Item
	for i, item := range items {
		if there[i] {
			standing = append(standing, item)
		}
	}
	return standing, nil
}

// stand notes what a rollout lacks, and says whether any of it is there.
func (r *reconciler) stand(ctx context.Context, rollout *Rollout, found map[string]kubeapi.Object) (bool, error) {
	differing, missing := 0, 0
	faulty := len(rollout.Faults) > 0
	for _, part := range rollout.Parts {
		key := Item{Object: &kubeapi.Object{Cluster: rollout.Cluster.Name, Namespace: rollout.Namespace, Kind: part.Kind, Name: part.Name}}.Key()
		object, there := found[key]
		switch {
		case !there:
			missing++
		case object.Conflict != "":
			rollout.Faults = append(rollout.Faults, part.String()+": "+object.Conflict)
			differing++
		case object.Drift != "":
			differing++
		}
	}
	if missing > 0 && missing == len(rollout.Parts) {
		return false, nil
	}
	told, err := r.told(ctx, rollout, !faulty)
	switch {
	case err != nil:
		return false, err
	case differing+missing > 0:
		rollout.Pending = fmt.Sprintf("%d of %d objects differ", differing+missing, len(rollout.Parts))
	case !told && faulty:
		rollout.Pending = "its failure is not published"
	case !told:
		rollout.Pending = "its success is not published"
	}
	return true, nil
}

// told says whether an outcome is published in all channels.
func (r *reconciler) told(ctx context.Context, rollout *Rollout, success bool) (bool, error) {
	for _, channel := range rollout.Channels {
		data, err := r.published(ctx, promotion.Key(channel, rollout.Publisher, rollout.Commit))
		if err != nil {
			return false, err
		}
		if data == nil || data.Success != success || data.TargetConfigHash == nil || *data.TargetConfigHash != rollout.ConfigHash {
			return false, nil
		}
	}
	return true, nil
}
