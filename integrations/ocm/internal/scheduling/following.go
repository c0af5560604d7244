package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Following is a Scheduler of clusters each of whose upgrades has a workflow, which makes its policy and looks at it until
// the cluster, or node pool, runs the version. The definition says Follows.
type Following struct{ *Scheduler }

var _ reconcile.Follower[Item] = Following{}

// lookEvery is how often an upgrade that is under way is looked at.
const lookEvery = 5 * time.Minute

// Follows implements reconcile.Follower.
func (f Following) Follows(c plan.Change[Item]) bool {
	return c.Action == plan.Create && c.Desired.Upgrade != nil
}

// Advance implements reconcile.Follower. A policy that is gone before its upgrade has begun was withdrawn, by a run or by a
// person; it is not made again.
func (f Following) Advance(ctx context.Context, _ reconcile.Scope, c plan.Change[Item], afresh bool) (plan.Stand, error) {
	want := c.Desired.Upgrade.Policy
	client, err := f.OCM.Connect(ctx, *c.Desired.Upgrade.Access)
	if err != nil {
		return plan.Stand{}, err
	}
	in := Place{Client: client}
	now, err := client.Now(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	policies, err := f.Kind.Beside(ctx, in, want)
	if err != nil {
		return plan.Stand{}, err
	}
	if i := slices.IndexFunc(policies, func(p upgrades.Policy) bool { return p.Version == want.Version }); i >= 0 {
		return stand(policies[i], now)
	}
	running, err := running(ctx, client, want)
	switch {
	case err != nil:
		return plan.Stand{}, err
	case want.Reached(running):
		return plan.Stand{Phase: plan.PhaseDone, Words: "completed: it runs " + running}, nil
	case (afresh || !c.Begun) && want.NextRun.After(now):
		return scheduled(want, now), f.Kind.Create(ctx, in, want)
	case !c.Begun:
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "OCM has no upgrade policy for it, its window began at %s, and it runs %s: the next run decides anew",
			want.NextRun.UTC().Format(time.DateTime), running)
	case want.NextRun.After(now):
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "its upgrade policy is gone from OCM before it has begun, and it runs %s: it was withdrawn", running)
	case want.Overdue(now):
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "its upgrade policy is gone from OCM, and it still runs %s: look at the cluster's history there", running)
	}
	return underWay(fmt.Sprintf("the policy is gone from OCM, and it still runs %s", running), want, now), nil
}

// Skip implements reconcile.Follower: who follows an upgrade changes nothing about it.
func (f Following) Skip(context.Context, reconcile.Scope, plan.Change[Item]) error { return nil }

// stand says in words how far an upgrade is.
func stand(p upgrades.Policy, now time.Time) (plan.Stand, error) {
	at := p.NextRun.UTC().Format(time.DateTime)
	switch p.State {
	case upgrades.Completed:
		return plan.Stand{Phase: plan.PhaseDone, Words: "completed"}, nil
	case upgrades.Failed, upgrades.Cancelled:
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "OCM says that the upgrade is %s: look at the cluster's history there", p.State)
	case upgrades.Started:
		return underWay("started at "+at, p, now), nil
	case upgrades.Delayed:
		return underWay("delayed by OCM since "+at, p, now), nil
	}
	if p.NextRun.After(now) {
		return scheduled(p, now), nil
	}
	return underWay("about to start since "+at, p, now), nil
}

func scheduled(p upgrades.Policy, now time.Time) plan.Stand {
	return plan.Waiting("scheduled for %s", p.NextRun.UTC().Format(time.DateTime)).Until(time.Now().Add(p.NextRun.Sub(now)))
}

func underWay(words string, p upgrades.Policy, now time.Time) plan.Stand {
	s := plan.Waiting("%s", words).Until(time.Now().Add(lookEvery))
	if p.Overdue(now) {
		s.Late = true
		s.Words += "; it takes longer than six hours: look at the cluster"
	}
	return s
}

// running is the version of what a policy upgrades.
func running(ctx context.Context, client *ocmapi.Client, p upgrades.Policy) (string, error) {
	if p.Kind != upgrades.NodePoolPolicy {
		cluster, err := client.GetCluster(ctx, p.ClusterID)
		return cluster.Version.RawID, err
	}
	pools, err := client.ListNodePools(ctx, p.ClusterID)
	if err != nil {
		return "", err
	}
	for _, pool := range pools {
		if pool.ID == p.NodePool {
			return pool.Version.RawID, nil
		}
	}
	return "", apierr.Errorf(apierr.Missing, "node pool %s is gone", p.NodePool)
}
