package updaterecommendedversion

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the organisations that have clusters with rules for their upgrades.
//
// Differs from the reference: an organisation that lists the integration in disable.integrations is left out, as by all
// other integrations that upgrade. And one whose clusters cannot be read does not stop those behind it.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	organizations, err := r.organizations(ctx, s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(organizations))
	for i := range organizations {
		names[i] = organizations[i].Name
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired asks OCM as well.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.organizations(ctx, s); err != nil {
		return err
	}
	return r.To(s).Inputs(ctx)
}

// Desired returns the recommendation that the organisation's datafile does not have; there is none as long as no cluster
// is there.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Recommendation, error) {
	of, err := r.organization(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.connect(ctx, ocmapi.AccessOf(of.Environment, ocmapi.Own{
		ClientID: of.AccessTokenClientId, TokenURL: of.AccessTokenUrl, ClientSecret: of.AccessTokenClientSecret,
	}))
	if err != nil {
		return nil, err
	}
	clusters, err := client.ListClusters(ctx, ocmapi.ManagedIn(of.OrgId))
	if err != nil {
		return nil, err
	}
	running := map[string]installed{}
	for _, c := range clusters {
		if c.Ready() {
			running[c.Name] = installed{c.Version.RawID, c.Version.ChannelGroup}
		}
	}
	versions, err := of.recommended(running)
	if err != nil || len(versions) == 0 || of.has(versions) {
		return nil, err
	}
	return []Recommendation{{Organization: of.Name, Path: "data" + of.Path, Versions: versions}}, nil
}

func (r *reconciler) organizations(ctx context.Context, s reconcile.Scope) ([]organization, error) {
	answer, err := RecommendingOrganizations(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(answer.Organizations), func(o organization) bool {
		disabled := o.Disable != nil && slices.Contains(o.Disable.Integrations, s.Integration)
		return disabled || len(o.UpgradePolicyClusters) == 0
	}), nil
}

// organization is that of the scope.
func (r *reconciler) organization(ctx context.Context, s reconcile.Scope) (organization, error) {
	all, err := r.organizations(ctx, s)
	if err != nil {
		return organization{}, err
	}
	i := slices.IndexFunc(all, func(o organization) bool { return o.Name == s.Name })
	if i < 0 {
		return organization{}, apierr.Errorf(apierr.Invalid, "app-interface has no OCM organisation %s with clusters to upgrade any more", s.Name)
	}
	return all[i], nil
}
