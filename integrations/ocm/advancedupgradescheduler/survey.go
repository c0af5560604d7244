package advancedupgradescheduler

import (
	"context"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/organizations"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Organizations implements scheduling.Source: all of app-interface, since OCM alone knows which of them have labels.
//
// Differs from the reference: clusters with labels in organisations that app-interface does not have are left alone. There
// they stop their environment where no organisation is given.
func (r labelled) Organizations(ctx context.Context, s reconcile.Scope) ([]scheduling.Organization, error) {
	if _, err := r.environments(ctx, s); err != nil {
		return nil, err
	}
	return organizations.All(ctx, r.at(s), s)
}

// Survey implements scheduling.Source. It asks for an organisation's clusters, subscriptions and labels by a search each,
// so that it takes as many requests as they have pages.
//
// Differs from the reference: an organisation that cannot be read fails, as everywhere; there it is a line in the log. What
// is wrong with labels fails nothing here either.
func (r labelled) Survey(ctx context.Context, s reconcile.Scope, in scheduling.Place) (scheduling.Survey, error) {
	found, err := r.read(ctx, in)
	if err != nil {
		return scheduling.Survey{}, err
	}
	survey := scheduling.Survey{Organization: in.Organization.Organization}
	survey.BlockedVersions, survey.Sectors = found.organization.list(blockedVersions), found.organization.sectors()
	survey.Inherits, survey.Faults.Organization, err = r.inherits(ctx, s, in.ID, found.organization.list(inheritData))
	if err != nil {
		return scheduling.Survey{}, err
	}
	everywhere := found.organization.flag(approval)
	survey.Faults.Organization = append(survey.Faults.Organization, found.organization.faults...)
	for _, c := range found.clusters {
		own := labels{values: found.subscriptions[c.Subscription.ID]}
		if !c.Ready() || !own.about() || s.Args.Bool(ignoreSTS) && c.IsSTS() {
			continue
		}
		ruled := own.cluster(c)
		if everywhere && ruled.Approval == "" {
			ruled.Approval = "the label " + approval + " of the organisation asks for it"
		}
		if len(own.faults) > 0 {
			survey.Faults.Clusters = append(survey.Faults.Clusters, upgrades.ClusterFault{ID: c.ID, UUID: c.ExternalID, Name: c.Name, Messages: own.faults})
			continue
		}
		survey.Clusters = append(survey.Clusters, ruled)
	}
	return survey, nil
}

// reading is what OCM says of an organisation.
type reading struct {
	organization labels
	// subscriptions are the labels of those in use, by their IDs.
	subscriptions map[string]map[string]string
	// clusters are sorted by their names.
	clusters []ocmapi.Cluster
}

func (r labelled) read(ctx context.Context, in scheduling.Place) (reading, error) {
	client, err := r.open(ctx, in.Organization)
	if err != nil {
		return reading{}, err
	}
	own, err := client.ListLabels(ctx, ocmapi.All(ocmapi.Is("type", ocmapi.OrganizationLabel), ocmapi.Is("organization_id", in.ID), ocmapi.Like("key", prefix+"%")))
	if err != nil {
		return reading{}, err
	}
	subscriptions, err := client.ListSubscriptions(ctx, ocmapi.All(ocmapi.Is("organization_id", in.ID), ocmapi.InUse()))
	if err != nil {
		return reading{}, err
	}
	clusters, err := in.Client.ListClusters(ctx, ocmapi.ManagedIn(in.ID))
	if err != nil {
		return reading{}, err
	}
	found := reading{organization: labels{values: ocmapi.Values(own)}, subscriptions: map[string]map[string]string{}, clusters: clusters}
	for _, s := range subscriptions {
		found.subscriptions[s.ID] = ocmapi.Values(s.Labels)
	}
	slices.SortFunc(found.clusters, func(a, b ocmapi.Cluster) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}
