// Package organizations reads the OCM organisations of app-interface whose upgrades are scheduled, and the rules for their
// clusters.
package organizations

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Rules is the scheduling.Source of organisations that have the rules for their clusters in app-interface.
type Rules struct {
	At func(reconcile.Scope) graphql.Client
	// Addons leaves out organisations that manage the upgrades of their add-ons themselves.
	Addons bool
}

var _ scheduling.Source = Rules{}

// Organizations implements scheduling.Source: those that have clusters with rules.
func (r Rules) Organizations(ctx context.Context, s reconcile.Scope) ([]scheduling.Organization, error) {
	all, err := r.read(ctx, s)
	if err != nil {
		return nil, err
	}
	return described(all)
}

func (r Rules) read(ctx context.Context, s reconcile.Scope) ([]organization, error) {
	all, err := read(ctx, r.At(s), s)
	return slices.DeleteFunc(all, func(o organization) bool {
		return len(o.UpgradePolicyClusters) == 0 || r.Addons && (o.AddonManagedUpgrades == nil || !*o.AddonManagedUpgrades)
	}), err
}

// All are the organisations of a run, with and without rules for their clusters, by their names.
func All(ctx context.Context, app graphql.Client, s reconcile.Scope) ([]scheduling.Organization, error) {
	all, err := read(ctx, app, s)
	if err != nil {
		return nil, err
	}
	return described(all)
}

func read(ctx context.Context, app graphql.Client, s reconcile.Scope) ([]organization, error) {
	answer, err := UpgradeOrganizations(ctx, app)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(slices.Clone(answer.Organizations), func(o organization) bool {
		disabled := o.Disable != nil && slices.Contains(o.Disable.Integrations, s.Integration)
		return disabled || !s.Args.Allows(scheduling.OCMEnv, o.Environment.Name) ||
			!s.Args.Allows(scheduling.OrgID, o.OrgId) || slices.Contains(s.Args.Strings(scheduling.ExcludeOrgID), o.OrgId)
	})
	slices.SortFunc(all, func(a, b organization) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func described(all []organization) ([]scheduling.Organization, error) {
	described := make([]scheduling.Organization, len(all))
	for i, o := range all {
		var err error
		if described[i], err = o.describe(); err != nil {
			return nil, err
		}
	}
	return described, nil
}

// Survey implements scheduling.Source. A cluster that is not in OCM, or not ready, was deprovisioned or is not there yet.
func (r Rules) Survey(ctx context.Context, s reconcile.Scope, in scheduling.Place) (scheduling.Survey, error) {
	all, err := r.read(ctx, s)
	if err != nil {
		return scheduling.Survey{}, err
	}
	i := slices.IndexFunc(all, func(o organization) bool { return o.Name == in.Name })
	if i < 0 {
		return scheduling.Survey{}, apierr.Errorf(apierr.Conflict, "organisation %s has gone from app-interface meanwhile", in.Name)
	}
	rules := map[string]clusterRules{}
	for _, cluster := range all[i].UpgradePolicyClusters {
		if _, known := rules[cluster.Name]; !known {
			rules[cluster.Name] = cluster
		}
	}
	clusters, err := in.Client.ListClusters(ctx, ocmapi.ManagedIn(in.ID))
	survey := scheduling.Survey{Organization: in.Organization.Organization}
	for _, c := range clusters {
		if of, ruled := rules[c.Name]; ruled && c.Ready() {
			survey.Clusters = append(survey.Clusters, of.apply(c))
		}
	}
	slices.SortFunc(survey.Clusters, func(a, b scheduling.Cluster) int { return strings.Compare(a.Name, b.Name) })
	return survey, err
}

func (r clusterRules) apply(c ocmapi.Cluster) scheduling.Cluster {
	policy := r.UpgradePolicy
	cluster := scheduling.Cluster{
		Cluster: c, Workloads: policy.Workloads, Schedule: policy.Schedule,
		Conditions: upgrades.Conditions{Mutexes: policy.Conditions.Mutexes, Sector: policy.Conditions.Sector, BlockedVersions: policy.Conditions.BlockedVersions},
	}
	if policy.Conditions.SoakDays != nil {
		cluster.Conditions.SoakDays = *policy.Conditions.SoakDays
	}
	return cluster
}
