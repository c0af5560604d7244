package organizations

import (
	"cmp"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
)

// describe says what is known of an organisation but for its clusters.
func (o organization) describe() (scheduling.Organization, error) {
	described := scheduling.Organization{
		Organization: o.rules(), In: o.Environment,
		Access: ocmapi.AccessOf(o.Environment, ocmapi.Own{ClientID: o.AccessTokenClientId, TokenURL: o.AccessTokenUrl, ClientSecret: o.AccessTokenClientSecret}),
	}
	for _, check := range o.AusClusterHealthChecks {
		described.HealthChecks = append(described.HealthChecks, scheduling.HealthCheck{Provider: check.Provider, Enforced: check.Enforced})
	}
	var labels struct {
		AddonService string `json:"feature_flag_addon_service_version"`
	}
	if err := o.More.Labels.Decode(&labels); err != nil {
		return scheduling.Organization{}, apierr.Errorf(apierr.Invalid, "labels of OCM environment %s: %w", o.Environment.Name, err)
	}
	described.Telemeter = o.More.Telemeter.instance()
	described.AddonService = cmp.Or(labels.AddonService, "v2")
	return described, nil
}

// instance is how a server is reached; nil where there is none.
func (p *prometheus) instance() *prometheusapi.Instance {
	if p == nil {
		return nil
	}
	instance := &prometheusapi.Instance{Name: p.Name, URL: p.BaseUrl, Path: p.QueryPath}
	switch auth := p.Auth.(type) {
	case *loginPrometheusInstanceBearerAuthV1:
		instance.Token = &auth.Token
	case *loginPrometheusInstanceOidcAuthV1:
		instance.OIDC = prometheusapi.OIDC{ClientID: auth.AccessTokenClientId, TokenURL: auth.AccessTokenUrl, ClientSecret: auth.AccessTokenClientSecret}
	}
	return instance
}

// rules are those that hold for all clusters of the organisation.
func (o organization) rules() upgrades.Organization {
	rules := upgrades.Organization{Environment: o.Environment.Name, ID: o.OrgId, Name: o.Name, BlockedVersions: o.BlockedVersions}
	for _, sector := range o.Sectors {
		s := upgrades.Sector{Name: sector.Name, MaxParallelUpgrades: sector.MaxParallelUpgrades}
		for _, before := range sector.Dependencies {
			s.Dependencies = append(s.Dependencies, before.Name)
		}
		rules.Sectors = append(rules.Sectors, s)
	}
	for _, other := range o.InheritVersionData {
		from := upgrades.Publisher{Environment: other.Environment.Name, ID: other.OrgId}
		for _, to := range other.PublishVersionData {
			from.PublishesTo = append(from.PublishesTo, to.OrgId)
		}
		rules.Inherits = append(rules.Inherits, from)
	}
	return rules
}
