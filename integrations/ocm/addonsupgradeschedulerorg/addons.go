package addonsupgradeschedulerorg

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// addons is the scheduling.Kind of add-ons on clusters.
type addons struct{}

var _ scheduling.Kind = addons{}

// Fleets implements scheduling.Kind: the clusters with an add-on that is ready are one, for each add-on. OCM offers its
// latest version where a cluster does not run that.
//
// Differs from the reference: an add-on that OCM has no version of any more is not upgraded; there it fails its environment.
func (addons) Fleets(ctx context.Context, in scheduling.Place, clusters []scheduling.Cluster) ([]scheduling.Fleet, error) {
	service, err := ocmapi.AddonServiceOf(in.AddonService)
	if err != nil || len(clusters) == 0 {
		return nil, err
	}
	all, err := in.Client.ListAddons(ctx, service)
	if err != nil {
		return nil, err
	}
	latest := map[string]string{}
	for _, addon := range all {
		latest[addon.ID] = addon.Version.ID
	}
	read := make([]onCluster, len(clusters))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(scheduling.ReadsAtOnce)
	for i, c := range clusters {
		group.Go(func() (err error) {
			if read[i].installed, err = in.Client.ListAddonInstallations(ctx, service, c.ID, ocmapi.Is("state", ocmapi.AddonReady)); err != nil || len(read[i].installed) == 0 {
				return err
			}
			read[i].policies, err = in.Client.ListAddonUpgradePolicies(ctx, service, c.ID)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	byAddon := map[string]*scheduling.Fleet{}
	for i, c := range clusters {
		for _, addon := range read[i].installed {
			fleet := byAddon[addon.ID]
			if fleet == nil {
				fleet = &scheduling.Fleet{Addon: addon.ID}
				byAddon[addon.ID] = fleet
			}
			spec := c.Spec()
			spec.Addon = &upgrades.Addon{ID: addon.ID, Version: addon.Version.ID}
			if to := latest[addon.ID]; to != "" && to != addon.Version.ID {
				spec.Addon.Upgrades = []string{to}
			}
			policies, err := own(c.ID, addon.ID, read[i].policies)
			if err != nil {
				return nil, err
			}
			fleet.Specs, fleet.Policies = append(fleet.Specs, spec), append(fleet.Policies, policies...)
		}
	}
	fleets := make([]scheduling.Fleet, 0, len(byAddon))
	for _, addon := range slices.Sorted(maps.Keys(byAddon)) {
		fleets = append(fleets, *byAddon[addon])
	}
	return fleets, nil
}

// onCluster is what OCM has of the add-ons on a cluster.
type onCluster struct {
	installed []ocmapi.AddonInstallation
	policies  []ocmapi.AddonUpgradePolicy
}

// own are the policies of one add-on on a cluster.
func own(cluster, addon string, all []ocmapi.AddonUpgradePolicy) ([]upgrades.Policy, error) {
	var policies []ocmapi.UpgradePolicy
	for _, policy := range all {
		if policy.Addon == addon {
			policies = append(policies, policy.UpgradePolicy)
		}
	}
	return scheduling.Policies(upgrades.Policy{Kind: upgrades.AddonPolicy, ClusterID: cluster, Addon: addon}, policies)
}

// Planned implements scheduling.Kind: a cluster's policies are listed once for all of its add-ons.
func (addons) Planned(_ context.Context, _ scheduling.Place, of scheduling.Fleet) ([]upgrades.Policy, error) {
	return of.Policies, nil
}

// Beside implements scheduling.Kind.
func (addons) Beside(ctx context.Context, in scheduling.Place, p upgrades.Policy) ([]upgrades.Policy, error) {
	service, err := ocmapi.AddonServiceOf(in.AddonService)
	if err != nil {
		return nil, err
	}
	answer, err := in.Client.ListAddonUpgradePolicies(ctx, service, p.ClusterID)
	if err != nil {
		return nil, err
	}
	return own(p.ClusterID, p.Addon, answer)
}

// soonest is how far ahead OCM wants to know of an upgrade, with a minute to spare.
const soonest = 6 * time.Minute

// Create implements scheduling.Kind. The upgrade begins as soon as OCM lets it.
func (addons) Create(ctx context.Context, in scheduling.Place, p upgrades.Policy) error {
	service, err := ocmapi.AddonServiceOf(in.AddonService)
	if err != nil {
		return err
	}
	now, err := in.Client.Now(ctx)
	if err != nil {
		return err
	}
	return in.Client.CreateAddonUpgradePolicy(ctx, service, p.ClusterID, ocmapi.AddonUpgradePolicy{Addon: p.Addon, UpgradePolicy: ocmapi.UpgradePolicy{
		ScheduleType: p.ScheduleType, Version: p.Version, NextRun: now.Add(soonest).UTC().Format("2006-01-02T15:04:05Z"),
	}})
}

// Delete implements scheduling.Kind.
func (addons) Delete(ctx context.Context, in scheduling.Place, p upgrades.Policy) error {
	service, err := ocmapi.AddonServiceOf(in.AddonService)
	if err != nil {
		return err
	}
	return in.Client.DeleteAddonUpgradePolicy(ctx, service, p.ClusterID, p.ID)
}
