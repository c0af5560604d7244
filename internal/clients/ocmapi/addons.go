package ocmapi

import (
	"context"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// AddonService is one of OCM's two APIs for add-ons. They differ in how they plan upgrades.
type AddonService string

const (
	// AddonsV1 is a part of clusters_mgmt. Upgrades begin at once.
	AddonsV1 AddonService = "v1"
	// AddonsV2 is a service of its own, addons_mgmt. What is a policy elsewhere is a plan there.
	AddonsV2 AddonService = "v2"
)

// AddonServiceOf reads which service an environment uses, which a label of the environment says; the second one where it
// says nothing. The error is Invalid.
func AddonServiceOf(label string) (AddonService, error) {
	switch service := AddonService(label); service {
	case "":
		return AddonsV2, nil
	case AddonsV1, AddonsV2:
		return service, nil
	}
	return "", apierr.Errorf(apierr.Invalid, "there is no version %q of OCM's service for add-ons: set the label %s of the OCM environment to v1 or v2", label, AddonServiceLabel)
}

// AddonServiceLabel is the label of an environment that names the service.
const AddonServiceLabel = "feature_flag_addon_service_version"

func (s AddonService) path() string {
	if s == AddonsV1 {
		return clustersMgmt
	}
	return "/api/addons_mgmt/v1"
}

func (s AddonService) policies() string {
	if s == AddonsV1 {
		return "addon_upgrade_policies"
	}
	return "upgrade_plans"
}

// Addon is an add-on that clusters can have.
type Addon struct {
	ID string `json:"id"`
	// Version is the latest one.
	Version Link `json:"version"`
}

// AddonInstallation is an add-on on a cluster.
type AddonInstallation struct {
	// ID is the add-on's.
	ID      string `json:"id"`
	State   string `json:"state"`
	Version Link   `json:"addon_version"`
}

// AddonReady is the state of an installation that is done.
const AddonReady = "ready"

// ListAddons returns all add-ons that OCM has.
func (c *Client) ListAddons(ctx context.Context, service AddonService) ([]Addon, error) {
	return list(ctx, c, request{
		what: "list add-ons", path: service.path(), segments: []string{"addons"},
	}, order{}, func(a Addon) string { return a.ID })
}

// ListAddonInstallations returns the add-ons on a cluster that meet the condition.
func (c *Client) ListAddonInstallations(ctx context.Context, service AddonService, cluster string, condition Search) ([]AddonInstallation, error) {
	return list(ctx, c, request{
		what: in(cluster, "list add-ons"), path: service.path(), segments: of(cluster, "addons"), query: searched(condition),
	}, order{}, func(a AddonInstallation) string { return a.ID })
}

// AddonUpgradePolicy is an upgrade of an add-on that is planned or under way.
type AddonUpgradePolicy struct {
	UpgradePolicy
	Addon string
}

// addonPolicy is the first service's form, addonPlan the second one's.
type (
	addonPolicy struct {
		UpgradePolicy
		Addon   string `json:"addon_id"`
		Cluster string `json:"cluster_id,omitempty"`
	}
	addonPlan struct {
		ID      string `json:"id,omitempty"`
		Type    string `json:"type"`
		Addon   string `json:"addon_id"`
		Cluster string `json:"cluster_id,omitempty"`
		Version string `json:"version,omitempty"`
		NextRun string `json:"next_run,omitempty"`
		// Schedule and State are OCM's to write.
		Schedule string `json:"schedule,omitempty"`
		State    string `json:"state,omitempty"`
	}
)

// ListAddonUpgradePolicies returns the upgrades of all add-ons of a cluster, each with its state.
//
// Differs from the reference: a state that cannot be read is an error; the reference takes it for none.
func (c *Client) ListAddonUpgradePolicies(ctx context.Context, service AddonService, cluster string) ([]AddonUpgradePolicy, error) {
	r := request{what: in(cluster, "list upgrades of add-ons"), path: service.path(), segments: of(cluster, service.policies())}
	policies := []AddonUpgradePolicy{}
	if service != AddonsV1 {
		plans, err := list(ctx, c, r, order{}, func(p addonPlan) string { return p.ID })
		for _, p := range plans {
			policies = append(policies, AddonUpgradePolicy{Addon: p.Addon, UpgradePolicy: UpgradePolicy{
				ID: p.ID, ScheduleType: p.Type, Schedule: p.Schedule, NextRun: p.NextRun, Version: p.Version, State: p.State,
			}})
		}
		return policies, err
	}
	found, err := list(ctx, c, r, order{}, func(p addonPolicy) string { return p.ID })
	for _, p := range found {
		if p.State, err = c.upgradeState(ctx, cluster, service.policies(), p.ID); err != nil {
			return nil, err
		}
		policies = append(policies, AddonUpgradePolicy{Addon: p.Addon, UpgradePolicy: p.UpgradePolicy})
	}
	return policies, err
}

// CreateAddonUpgradePolicy plans an upgrade of an add-on. NextRun is for the second service alone: the first one begins at
// once. It is not safe to repeat: look first for what is planned.
func (c *Client) CreateAddonUpgradePolicy(ctx context.Context, service AddonService, cluster string, policy AddonUpgradePolicy) error {
	var body any = addonPlan{Type: policy.ScheduleType, Addon: policy.Addon, Cluster: cluster, Version: policy.Version, NextRun: policy.NextRun}
	if service == AddonsV1 {
		body = addonPolicy{Addon: policy.Addon, Cluster: cluster, UpgradePolicy: UpgradePolicy{
			ScheduleType: policy.ScheduleType, Version: policy.Version, UpgradeType: "ADDON",
		}}
	}
	return c.do(ctx, request{
		what: in(cluster, "plan an upgrade of the add-on %s to %s", policy.Addon, policy.Version), method: http.MethodPost,
		path: service.path(), segments: of(cluster, service.policies()), body: body,
	}, nil)
}

// DeleteAddonUpgradePolicy takes a plan back; one that is gone is success.
func (c *Client) DeleteAddonUpgradePolicy(ctx context.Context, service AddonService, cluster, policy string) error {
	err := c.do(ctx, request{
		what: in(cluster, "delete the upgrade %s of an add-on", policy), method: http.MethodDelete,
		path: service.path(), segments: of(cluster, service.policies(), policy),
	}, nil)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}
