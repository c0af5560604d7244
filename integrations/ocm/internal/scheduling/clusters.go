package scheduling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// ReadsAtOnce bounds the clusters that are read side by side.
const ReadsAtOnce = 10

// Clusters is the Kind of clusters: with their hosted control planes, and node pools that follow these.
type Clusters struct{}

var _ Kind = Clusters{}

// Fleets implements Kind: all clusters are one.
func (Clusters) Fleets(ctx context.Context, in Place, clusters []Cluster) ([]Fleet, error) {
	specs := make([]upgrades.Spec, len(clusters))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ReadsAtOnce)
	for i, c := range clusters {
		specs[i] = c.Spec()
		if !specs[i].Cluster.HostedControlPlane {
			continue
		}
		group.Go(func() error {
			pools, err := in.Client.ListNodePools(ctx, c.ID)
			for _, pool := range pools {
				specs[i].Cluster.NodePools = append(specs[i].Cluster.NodePools, upgrades.NodePool{ID: pool.ID, Version: pool.Version.RawID})
			}
			slices.SortFunc(specs[i].Cluster.NodePools, func(a, b upgrades.NodePool) int { return strings.Compare(a.ID, b.ID) })
			return err
		})
	}
	return []Fleet{{Specs: specs}}, group.Wait()
}

// Planned implements Kind.
func (k Clusters) Planned(ctx context.Context, in Place, of Fleet) ([]upgrades.Policy, error) {
	found := make([][]upgrades.Policy, len(of.Specs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ReadsAtOnce)
	for i, s := range of.Specs {
		group.Go(func() (err error) {
			found[i], err = k.plannedFor(ctx, in, s.Cluster)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

func (k Clusters) plannedFor(ctx context.Context, in Place, c upgrades.Cluster) ([]upgrades.Policy, error) {
	if !c.HostedControlPlane {
		return k.Beside(ctx, in, upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: c.ID})
	}
	all, err := k.Beside(ctx, in, upgrades.Policy{Kind: upgrades.ControlPlanePolicy, ClusterID: c.ID})
	for _, pool := range c.NodePools {
		if err != nil {
			return nil, err
		}
		var more []upgrades.Policy
		more, err = k.Beside(ctx, in, upgrades.Policy{Kind: upgrades.NodePoolPolicy, ClusterID: c.ID, NodePool: pool.ID})
		all = append(all, more...)
	}
	return all, err
}

// Beside implements Kind.
func (Clusters) Beside(ctx context.Context, in Place, p upgrades.Policy) ([]upgrades.Policy, error) {
	var answer []ocmapi.UpgradePolicy
	var err error
	switch p.Kind {
	case upgrades.ControlPlanePolicy:
		answer, err = in.Client.ListControlPlaneUpgradePolicies(ctx, p.ClusterID)
	case upgrades.NodePoolPolicy:
		answer, err = in.Client.ListNodePoolUpgradePolicies(ctx, p.ClusterID, p.NodePool)
	case upgrades.ClusterPolicy, upgrades.AddonPolicy:
		answer, err = in.Client.ListUpgradePolicies(ctx, p.ClusterID)
	}
	if err != nil {
		return nil, err
	}
	return Policies(p, answer)
}

// Policies are those of OCM's answer. Each is of the same cluster, node pool or add-on as the given one.
func Policies(of upgrades.Policy, answer []ocmapi.UpgradePolicy) ([]upgrades.Policy, error) {
	var policies []upgrades.Policy
	for _, p := range answer {
		at, err := p.At()
		if err != nil {
			return nil, fmt.Errorf("upgrade policy %s of cluster %s: next_run: %w", p.ID, of.ClusterID, err)
		}
		of.ID, of.Version, of.ScheduleType, of.NextRun, of.State = p.ID, p.Version, p.ScheduleType, at, p.State
		policies = append(policies, of)
	}
	return policies, nil
}

// Create implements Kind.
func (Clusters) Create(ctx context.Context, in Place, p upgrades.Policy) error {
	policy := ocmapi.UpgradePolicy{ScheduleType: p.ScheduleType, Version: p.Version, NextRun: p.NextRun.UTC().Format("2006-01-02T15:04:05Z")}
	switch p.Kind {
	case upgrades.ClusterPolicy:
		return in.Client.CreateUpgradePolicy(ctx, p.ClusterID, policy)
	case upgrades.ControlPlanePolicy:
		policy.UpgradeType = "ControlPlane"
		return in.Client.CreateControlPlaneUpgradePolicy(ctx, p.ClusterID, policy)
	case upgrades.NodePoolPolicy:
		policy.UpgradeType = "NodePool"
		return in.Client.CreateNodePoolUpgradePolicy(ctx, p.ClusterID, p.NodePool, policy)
	case upgrades.AddonPolicy:
	}
	return apierr.Errorf(apierr.Invalid, "an upgrade of the kind %s is none of a cluster", p.Kind)
}

// Delete implements Kind.
func (Clusters) Delete(ctx context.Context, in Place, p upgrades.Policy) error {
	switch p.Kind {
	case upgrades.ClusterPolicy:
		return in.Client.DeleteUpgradePolicy(ctx, p.ClusterID, p.ID)
	case upgrades.ControlPlanePolicy:
		return in.Client.DeleteControlPlaneUpgradePolicy(ctx, p.ClusterID, p.ID)
	case upgrades.NodePoolPolicy, upgrades.AddonPolicy:
	}
	return apierr.Errorf(apierr.Invalid, "an upgrade of the kind %s cannot be withdrawn from a cluster", p.Kind)
}
