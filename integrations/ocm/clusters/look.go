package clusters

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// seen is a cluster as OCM has it.
type seen struct {
	ocmapi.Cluster
	// shard is the ID of what looks after it in OCM, "" where it is not ready.
	shard string
}

// look returns the cluster of a datafile; nil where OCM has none.
func look(ctx context.Context, client ocm, f file) (*seen, error) {
	found, err := client.ListClusters(ctx, ocmapi.All(ocmapi.ManagedIn(f.Ocm.OrgId), ocmapi.Is("name", f.Name)))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if len(found) > 1 {
		return nil, apierr.Errorf(apierr.Invalid, "OCM has %d managed clusters named %s in the organisation %s: delete all but one", len(found), f.Name, f.Ocm.OrgId)
	}
	return completed(ctx, client, found[0])
}

func completed(ctx context.Context, client ocm, c ocmapi.Cluster) (*seen, error) {
	live := &seen{Cluster: c}
	if !c.Ready() {
		return live, nil
	}
	var err error
	live.shard, err = client.ProvisionShard(ctx, c.ID)
	return live, err
}

// read returns the datafile of the scope's cluster, its OCM, and the cluster there.
func (r *reconciler) read(ctx context.Context, s reconcile.Scope) (file, ocm, *seen, error) {
	f, err := r.file(ctx, s)
	if err != nil {
		return file{}, nil, nil, err
	}
	client, err := r.connect(ctx, f.Ocm.access())
	if err != nil {
		return file{}, nil, nil, err
	}
	live, err := look(ctx, client, f)
	return f, client, live, err
}

// readsAtOnce bounds the OCMs, and the clusters of one, that are read side by side.
const readsAtOnce = 10

// Due implements reconcile.Selective: the clusters that are not there, and those that are ready and not as they are to be.
// One that is being made has its workflow. Of an OCM that cannot be read all are, and find out by themselves.
func (r *reconciler) Due(ctx context.Context, s reconcile.Scope, names []string) ([]string, error) {
	files, err := r.files(ctx, s)
	if err != nil {
		return nil, err
	}
	byManager := map[string][]file{}
	for _, name := range names {
		if f, there := files[name]; there {
			byManager[f.Ocm.Name] = append(byManager[f.Ocm.Name], f)
		}
	}
	due := make([]bool, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for _, of := range byManager {
		group.Go(func() error {
			for _, name := range r.dueOf(ctx, of) {
				due[slices.Index(names, name)] = true
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var open []string
	for i, name := range names {
		if due[i] {
			open = append(open, name)
		}
	}
	return open, nil
}

// dueOf are the clusters of one OCM that are due.
func (r *reconciler) dueOf(ctx context.Context, files []file) []string {
	every := make([]string, len(files))
	for i, f := range files {
		every[i] = f.Name
	}
	client, err := r.connect(ctx, files[0].Ocm.access())
	if err != nil {
		return every
	}
	all, err := client.ListClusters(ctx, ocmapi.ManagedIn(files[0].Ocm.OrgId))
	if err != nil {
		return every
	}
	due := make([]string, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, f := range files {
		at := slices.IndexFunc(all, func(c ocmapi.Cluster) bool { return c.Name == f.Name })
		switch {
		case at < 0 || f.fault() != nil:
			due[i] = f.Name
		case all[at].Ready():
			group.Go(func() error {
				live, err := completed(ctx, client, all[at])
				if err != nil || !f.settled(*live) {
					due[i] = f.Name
				}
				return nil
			})
		}
	}
	_ = group.Wait()
	return slices.DeleteFunc(due, func(name string) bool { return name == "" })
}

// settled says whether nothing has to be done about a cluster that is ready.
func (f file) settled(live seen) bool {
	get, err := f.lacks(live)
	return err == nil && get.empty() && f.item().Equal(live.item(f.Name))
}

func (f file) item() Item { return Item{Cluster: f.Name, What: cluster, Facts: f.facts()} }

func (s seen) item(name string) Item {
	item := Item{Cluster: name, What: cluster, Facts: factsOf(s.Cluster), Kind: kindOf(s.Product.ID, s.Hypershift.Enabled)}
	if !s.Ready() {
		item.State = cmp.Or(s.State, "unknown")
	}
	return item
}
