package versions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// alive is how long ago a worker of a queue may have been seen. A worker asks anew every minute.
	alive = 2 * time.Minute
	// lookEvery is the pause between two looks at what is missing.
	lookEvery = 500 * time.Millisecond
	// queuesAtOnce bounds the queues that are asked about side by side.
	queuesAtOnce = 10
	// whole is the percentage of all runs.
	whole = 100
)

// Promotion says what a version is promoted to.
type Promotion struct {
	BuildID string
	// Percentage of new runs; 100 makes the version the current one.
	Percentage int
	// WithoutQueues are left behind: nobody has to take them.
	WithoutQueues []string
	// Waiting is called with the queues that lack a worker, whenever they change.
	Waiting func(missing []string)
}

// Promote waits until each queue that the current version takes has a worker of the promoted one, and then sends new runs
// there. It waits as long as ctx lasts; its error then names the queues. Where Temporal does not agree yet, or somebody
// else changes the deployment at the same time, it looks again. Promoting the current version changes nothing.
func (d *Deployment) Promote(ctx context.Context, p Promotion) error {
	if p.Percentage < 1 || p.Percentage > whole {
		return apierr.Errorf(apierr.Invalid, "a version takes between 1 and %d percent of the runs, not %d", whole, p.Percentage)
	}
	for {
		described, err := d.awaitWorkers(ctx, p)
		if err != nil {
			return err
		}
		if err = d.route(ctx, p, described); !apierr.Is(err, apierr.Conflict) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(lookEvery):
		}
	}
}

// route sends new runs to the version.
func (d *Deployment) route(ctx context.Context, p Promotion, described client.WorkerDeploymentDescribeResponse) (err error) {
	current := described.Info.RoutingConfig.CurrentVersion
	what := "version " + p.BuildID + " of Worker Deployment " + d.Name
	ignore := len(p.WithoutQueues) > 0
	if p.Percentage == whole {
		_, err = d.handle().SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{
			BuildID: p.BuildID, ConflictToken: described.ConflictToken, IgnoreMissingTaskQueues: ignore,
		})
		return d.classify(what, err)
	}
	if current != nil && current.BuildID == p.BuildID {
		return apierr.Errorf(apierr.Invalid, "%s is the current one: promote the one that takes the rest", what)
	}
	_, err = d.handle().SetRampingVersion(ctx, client.WorkerDeploymentSetRampingVersionOptions{
		BuildID: p.BuildID, Percentage: float32(p.Percentage), ConflictToken: described.ConflictToken, IgnoreMissingTaskQueues: ignore,
	})
	return d.classify(what, err)
}

// awaitWorkers returns the deployment as it was when no queue lacked a worker.
func (d *Deployment) awaitWorkers(ctx context.Context, p Promotion) (client.WorkerDeploymentDescribeResponse, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var missing []string
	var last error
	for first := true; ; first = false {
		described, lacking, err := d.look(ctx, p)
		switch {
		case err == nil && len(lacking) == 0:
			return described, nil
		case err == nil:
			if p.Waiting != nil && (first || !slices.Equal(missing, lacking)) {
				p.Waiting(lacking)
			}
			missing = lacking
		case ctx.Err() == nil && !apierr.Is(err, apierr.Missing) && !apierr.Is(err, apierr.Unavailable):
			return described, err
		case ctx.Err() == nil:
			last = err
			if p.Waiting != nil && first {
				p.Waiting(nil)
			}
		}
		select {
		case <-ctx.Done():
			if len(missing) > 0 {
				last = fmt.Errorf("no worker of version %s takes %s: start one, or leave the queues behind where the integrations are gone (--without-queue)",
					p.BuildID, strings.Join(missing, ", "))
			}
			return described, apierr.New(apierr.NotYet, errors.Join(last, context.Cause(ctx)))
		case <-ticker.C:
		}
	}
}

// look returns the queues that lack a worker of the version.
func (d *Deployment) look(ctx context.Context, p Promotion) (client.WorkerDeploymentDescribeResponse, []string, error) {
	described, err := d.describe(ctx)
	if err != nil {
		return described, nil, err
	}
	has, err := d.queues(ctx, p.BuildID)
	if err != nil {
		return described, nil, err
	}
	wanted := slices.Clone(has)
	if current := described.Info.RoutingConfig.CurrentVersion; current != nil && current.BuildID != p.BuildID {
		taken, err := d.queues(ctx, current.BuildID)
		if err != nil {
			return described, nil, err
		}
		wanted = append(wanted, taken...)
	}
	missing, err := d.lacking(ctx, p, wanted, has)
	return described, missing, err
}

func (d *Deployment) queues(ctx context.Context, buildID string) ([]client.WorkerDeploymentTaskQueueInfo, error) {
	described, err := d.handle().DescribeVersion(ctx, client.WorkerDeploymentDescribeVersionOptions{BuildID: buildID})
	if err := d.classify("version "+buildID+" of Worker Deployment "+d.Name, err); err != nil {
		return nil, err
	}
	return described.Info.TaskQueuesInfos, nil
}

// lacking returns the names of those queues that no worker of the version has asked for work lately, or that Temporal
// does not know the version to have yet.
func (d *Deployment) lacking(ctx context.Context, p Promotion, queues, has []client.WorkerDeploymentTaskQueueInfo) ([]string, error) {
	slices.SortFunc(queues, func(a, b client.WorkerDeploymentTaskQueueInfo) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return int(a.Type) - int(b.Type)
	})
	queues = slices.Compact(queues)
	taken := make([]bool, len(queues))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(queuesAtOnce)
	for i, queue := range queues {
		if !slices.Contains(has, queue) {
			continue
		}
		group.Go(func() (err error) {
			taken[i], err = d.taken(ctx, queue, p.BuildID)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var missing []string
	for i, queue := range queues {
		if !taken[i] && !slices.Contains(p.WithoutQueues, queue.Name) {
			missing = append(missing, queue.Name)
		}
	}
	return slices.Compact(missing), nil
}

// taken says whether a worker of the version has asked the queue for work lately.
func (d *Deployment) taken(ctx context.Context, queue client.WorkerDeploymentTaskQueueInfo, buildID string) (bool, error) {
	described, err := d.client.DescribeTaskQueue(ctx, queue.Name, enums.TaskQueueType(queue.Type))
	if err != nil {
		return false, d.classify("task queue "+queue.Name, err)
	}
	for _, poller := range described.GetPollers() {
		of := poller.GetDeploymentOptions()
		if of.GetDeploymentName() == d.Name && of.GetBuildId() == buildID && time.Since(poller.GetLastAccessTime().AsTime()) < alive {
			return true, nil
		}
	}
	return false, nil
}
