// Package survey reads many clusters in one step, so that one that cannot be read leaves the others alone.
package survey

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// A cluster that does not answer is asked again, since what fails now and then must not look like one that is down. One that
// keeps everybody waiting is not asked for longer than its share of a step's time.
const (
	attempts = 5
	patience = 15 * time.Second
	atOnce   = 10
)

// Cluster reads one cluster, again where it does not answer. A fault is why this cluster cannot be read; the error is one
// that is not the cluster's own, or that asks for a pause.
func Cluster(ctx context.Context, read func(context.Context) error) (fault, err error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for attempt := 1; ; attempt++ {
		failed := read(ctx)
		switch {
		case failed == nil:
			return nil, nil
		case ctx.Err() != nil || apierr.Is(failed, apierr.Limited):
			return nil, failed
		case !apierr.Is(failed, apierr.Unavailable) || attempt == attempts || patient.Err() != nil:
			return failed, nil
		}
	}
}

// Clusters reads clusters side by side, each as Cluster does, and returns the faults by the cluster's name.
func Clusters(ctx context.Context, clusters []appinterface.Cluster, read func(context.Context, appinterface.Cluster) error) (map[string]error, error) {
	var mu sync.Mutex
	faults := map[string]error{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, cluster := range clusters {
		group.Go(func() error {
			fault, err := Cluster(ctx, func(ctx context.Context) error { return read(ctx, cluster) })
			if fault != nil {
				mu.Lock()
				defer mu.Unlock()
				faults[cluster.Name] = fault
			}
			return err
		})
	}
	return faults, group.Wait()
}

// ByJumpHosts is the scope of an integration that reaches clusters by their jump hosts, wherever they have one, and has no
// flag that says so.
func ByJumpHosts(s plan.Scope) plan.Scope {
	args := plan.Args{"use-jump-host": {"true"}}
	maps.Copy(args, s.Args)
	s.Args = args
	return s
}

// Reachable are the clusters that can be connected to: those without an address or a token are still being made.
func Reachable(clusters []appinterface.Cluster) []appinterface.Cluster {
	var reachable []appinterface.Cluster
	for _, cluster := range clusters {
		if cluster.ServerURL != "" && cluster.AutomationToken != nil {
			reachable = append(reachable, cluster)
		}
	}
	return reachable
}
