package versiongateapprover

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// Labels in OCM.
const (
	// prefix is that of all labels about upgrades. A cluster that has one of them, or whose organisation has, is looked after.
	prefix = "sre-capabilities.aus."
	// approvals are the kinds of gates that are agreed to, with commas between.
	approvals = prefix + "version-gate-approvals"
)

// found is a cluster that is looked after, with its labels about upgrades.
type found struct {
	ocmapi.Cluster
	labels map[string]string
}

// survey are the clusters of an organisation that are looked after. Their number makes no difference to the number of
// requests, but for pages.
func survey(ctx context.Context, client ocm, in scheduling.Organization) ([]found, error) {
	ofOrganization, err := client.ListLabels(ctx, ocmapi.All(
		ocmapi.Is("type", ocmapi.OrganizationLabel), ocmapi.Is("organization_id", in.ID), ocmapi.Like("key", prefix+"%"),
	))
	if err != nil {
		return nil, err
	}
	subscriptions, err := client.ListSubscriptions(ctx, ocmapi.All(ocmapi.Is("organization_id", in.ID), ocmapi.InUse()))
	if err != nil {
		return nil, err
	}
	common := ocmapi.Values(ofOrganization)
	labelled := map[string]map[string]string{}
	for _, subscription := range subscriptions {
		labels := map[string]string{}
		for key, value := range common {
			labels[key] = value
		}
		for key, value := range ocmapi.Values(subscription.Labels) {
			if strings.HasPrefix(key, prefix) {
				labels[key] = value
			}
		}
		if len(labels) > 0 {
			labelled[subscription.ID] = labels
		}
	}
	if len(labelled) == 0 {
		return nil, nil
	}
	clusters, err := client.ListClusters(ctx, ocmapi.ManagedIn(in.ID))
	if err != nil {
		return nil, err
	}
	var all []found
	for _, c := range clusters {
		if labels := labelled[c.Subscription.ID]; labels != nil && c.Ready() {
			all = append(all, found{c, labels})
		}
	}
	return all, nil
}

// enabled are the kinds of gates that are agreed to for a cluster with the labels. Where none is named that is gate-ocp, as
// it was before there was a choice.
//
// Differs from the reference: spaces around a kind do not count.
func enabled(labels map[string]string) map[string]bool {
	named := labels[approvals]
	if named == "" {
		named = upgrades.GateOCP
	}
	kinds := map[string]bool{}
	for kind := range strings.SplitSeq(named, ",") {
		kinds[strings.TrimSpace(kind)] = true
	}
	return kinds
}

// ahead are the gates that concern the cluster on its way to what OCM offers it, of the kinds that are enabled for it.
func (f found) ahead(gates []ocmapi.VersionGate) []gate {
	kinds := enabled(f.labels)
	at := upgrades.Cluster{Version: f.Version.RawID, Upgrades: f.Version.AvailableUpgrades, STS: f.IsSTS()}
	var all []gate
	for _, g := range gates {
		wanted := upgrades.Gate{ID: g.ID, Label: g.Label, Minor: g.VersionRawIDPrefix}
		if kinds[g.Label] && wanted.Concerns(at) {
			all = append(all, gate{ID: g.ID, Label: g.Label, Minor: g.VersionRawIDPrefix})
		}
	}
	return all
}
