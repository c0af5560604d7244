package scheduling

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// The metrics are the reference's.
var (
	faultCount = metrics.Gauge{Name: "aus_organization_validation_errors", Help: "Faults in the rules of an OCM organisation.",
		Labels: []string{"integration", "ocm_env", "org_id"}}
	policyInfo = metrics.Gauge{Name: "aus_cluster_upgrade_policy_info", Help: "A cluster with rules for its upgrades.",
		Labels: infoLabels}
	addonPolicyInfo = metrics.Gauge{Name: "aus_addon_upgrade_policy_info", Help: "An add-on on a cluster with rules for its upgrades.",
		Labels: slices.Concat(infoLabels, []string{"addon"})}
	remainingDays = metrics.Gauge{Name: "aus_cluster_version_remaining_soak_days",
		Help:   "Days that a version still has to soak for a cluster; -1 is scheduled, -2 started, -3 started six hours ago, -4 blocked.",
		Labels: []string{"integration", "ocm_env", "cluster_uuid", "soaking_version"}}
	addonRemainingDays = metrics.Gauge{Name: "aus_addon_version_remaining_soak_days",
		Help:   "Days that a version of an add-on still has to soak for a cluster; -1 is scheduled, -2 started, -3 started six hours ago, -4 blocked.",
		Labels: []string{"integration", "ocm_env", "cluster_uuid", "soaking_version", "addon"}}
	healthState = metrics.Gauge{Name: "aus_cluster_health_state", Help: "Health of a cluster by a health check; 1 is healthy, 0 is not.",
		Labels: []string{"integration", "ocm_env", "cluster_uuid", "health_source"}}
	soakDays = metrics.Gauge{Name: "aus_organization_version_data", Help: "Days that a version has soaked in an OCM organisation, without what it inherits.",
		Labels: []string{"integration", "ocm_env", "org_id", "version", "workload"}}
	tried = metrics.Counter{Name: "aus_organization_reconciled_total", Help: "Runs of an OCM organisation.",
		Labels: []string{"integration", "ocm_env", "org_id"}}
	environmentErrors = metrics.Counter{Name: "aus_ocm_environment_errors_total", Help: "Times that an organisation of an OCM environment could not be read.",
		Labels: []string{"integration", "ocm_env"}}
	failed = metrics.Counter{Name: "aus_organization_reconcile_errors_total", Help: "Runs of an OCM organisation that failed.",
		Labels: []string{"integration", "ocm_env", "org_id"}}
)

var infoLabels = []string{"integration", "ocm_env", "cluster_uuid", "org_id", "org_name", "channel", "current_version", "cluster_name",
	"schedule", "sector", "mutexes", "soak_days", "workloads", "product", "hypershift"}

// tally counts a run of an organisation.
func tally(scope *metrics.Scope, integration string, of Organization, err error) {
	scope.Tally(tried, failed, err, integration, of.Environment, of.ID)
}

// measured sets the gauges of a fleet. Known are the clusters by their IDs.
type measured struct {
	scope       *metrics.Scope
	integration string
	of          upgrades.Organization
	addon       string
	checks      []HealthCheck
	known       map[string]ocmapi.Cluster
}

func measure(scope *metrics.Scope, integration string, in Place, of Survey, fleet Fleet) measured {
	m := measured{
		scope: scope, integration: integration, of: of.Organization, addon: fleet.Addon, checks: in.HealthChecks, known: map[string]ocmapi.Cluster{},
	}
	for _, c := range of.Clusters {
		m.known[c.ID] = c.Cluster
	}
	return m
}

// rules shows what rules there are.
func (m measured) rules(specs []upgrades.Spec, faults int) {
	m.scope.Set(faultCount, float64(faults), m.integration, m.of.Environment, m.of.ID)
	for _, s := range specs {
		c := m.known[s.Cluster.ID]
		running := s.Oldest()
		if s.Addon != nil {
			running = s.Current()
		}
		labels := []string{m.integration, m.of.Environment, c.ExternalID, m.of.ID, m.of.Name, c.Version.ChannelGroup, running, c.Name,
			s.Schedule, s.Conditions.Sector, strings.Join(s.Conditions.Mutexes, ","), strconv.Itoa(s.Conditions.SoakDays), strings.Join(s.Workloads, ","),
			c.Product.ID, pythonBool(c.Hypershift.Enabled)}
		if m.addon != "" {
			m.scope.Set(addonPolicyInfo, 1, append(labels, m.addon)...)
			continue
		}
		m.scope.Set(policyInfo, 1, labels...)
		for _, check := range m.checks {
			healthy := 1.0
			if slices.ContainsFunc(s.Ailments, func(a upgrades.Ailment) bool { return a.Source == check.Provider }) {
				healthy = 0
			}
			m.scope.Set(healthState, healthy, m.integration, m.of.Environment, c.ExternalID, check.Provider)
		}
	}
}

// soaked shows the version data of clusters.
func (m measured) soaked(data upgrades.VersionData) {
	if m.addon != "" {
		return
	}
	for version, of := range data.Versions {
		for workload, history := range of.Workloads {
			m.scope.Set(soakDays, history.SoakDays, m.integration, m.of.Environment, m.of.ID, version, workload)
		}
	}
}

// remaining shows how far the versions are that OCM offers.
func (m measured) remaining(fleet *upgrades.Fleet, policies []upgrades.Policy, data upgrades.VersionData, now time.Time) {
	of := map[string]*upgrades.Policy{}
	for _, p := range policies {
		if p.Kind != upgrades.NodePoolPolicy {
			of[p.ClusterID] = &p
		}
	}
	for _, s := range fleet.Specs() {
		for version, days := range fleet.Remaining(s, upgrades.Soaked(s, data), of[s.Cluster.ID], now) {
			labels := []string{m.integration, m.of.Environment, m.known[s.Cluster.ID].ExternalID, version}
			if m.addon != "" {
				m.scope.Set(addonRemainingDays, days, append(labels, m.addon)...)
			} else {
				m.scope.Set(remainingDays, days, labels...)
			}
		}
	}
}

// pythonBool is how the reference writes the label.
func pythonBool(value bool) string {
	if value {
		return "True"
	}
	return "False"
}
