package scheduling_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/internal/state"
)

const measuredFleet = `
now: 2031-03-14T08:00:00Z
clients:
  bot: {secret: qt-planted-bot}
organizations:
  id-acme: {name: acme}
versions:
  4.16.1: {upgradesTo: [4.16.2, 4.16.3, 4.16.4]}
  4.16.2: {}
  4.16.3: {}
  4.16.4: {}
clusters:
  ca: {name: a, organization: id-acme, version: 4.16.1, upgradePolicies: {p1: {version: 4.16.2, nextRun: 2031-03-14T09:00:00Z, state: scheduled}}}
  ch: {name: hosted, organization: id-acme, version: 4.16.2, product: rosa, hypershift: true, nodePools: {w1: {version: 4.16.1}}}
`

// surveyed is a source with the clusters of one organisation, which all have the same rules.
type surveyed struct {
	in     scheduling.Organization
	sector string
	err    error
}

func (s surveyed) Organizations(context.Context, reconcile.Scope) ([]scheduling.Organization, error) {
	return []scheduling.Organization{s.in}, nil
}

func (s surveyed) Survey(ctx context.Context, _ reconcile.Scope, in scheduling.Place) (scheduling.Survey, error) {
	if s.err != nil {
		return scheduling.Survey{}, s.err
	}
	survey := scheduling.Survey{Organization: in.Organization.Organization}
	clusters, err := in.Client.ListClusters(ctx, ocmapi.ManagedIn(in.ID))
	for _, c := range clusters {
		survey.Clusters = append(survey.Clusters, scheduling.Cluster{
			Cluster: c, Workloads: []string{"web", "jobs"}, Schedule: "0 20 * * *",
			Conditions: upgrades.Conditions{SoakDays: 5, Sector: s.sector, Mutexes: []string{"m", "n"}, BlockedVersions: []string{`^4\.16\.4$`}},
		})
	}
	return survey, err
}

// measured runs Desired and returns what it has measured.
func measured(t *testing.T, from surveyed) *metrics.Collector {
	t.Helper()
	estate, err := ocm.ParseEstate([]byte(measuredFleet))
	require.NoError(t, err)
	serving := httptest.NewServer(ocm.New(estate))
	t.Cleanup(serving.Close)
	secrets, err := config.Parse("secrets.toml", "[graphql]\nserver = \"http://unused\"\n[ocm]\nsecret = \"qt-planted-bot\"\n")
	require.NoError(t, err)
	from.in = scheduling.Organization{
		Organization: upgrades.Organization{Environment: "ocm-prod", ID: "id-acme", Name: "acme"},
		Access:       ocmapi.Access{URL: serving.URL, TokenURL: serving.URL + "/token", ClientID: "bot", ClientSecret: secret.Ref{Path: "ocm", Field: "secret"}},
	}
	scheduler := scheduling.Scheduler{
		From: from, Kind: scheduling.Clusters{}, OCM: ocmapi.NewPool(configfile.New(secrets.Secrets)),
		State: state.New(state.Options{Getenv: func(name string) string {
			return map[string]string{state.EnvURL: "file://" + t.TempDir()}[name]
		}}).Store("upgrades"),
	}
	collector := metrics.New()
	scope := collector.Begin(metrics.Origin{Step: "upgrades/desired"})
	_, _ = scheduler.Desired(metrics.Into(t.Context(), scope), reconcile.Scope{Integration: "upgrades", Name: "acme"})
	scope.End()
	return collector
}

func TestARunMeasures(t *testing.T) {
	counts := func(errors string) string {
		return `# HELP aus_organization_reconcile_errors_total Runs of an OCM organisation that failed.
# TYPE aus_organization_reconcile_errors_total counter
aus_organization_reconcile_errors_total{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme"} ` + errors + `
# HELP aus_organization_reconciled_total Runs of an OCM organisation.
# TYPE aus_organization_reconciled_total counter
aus_organization_reconciled_total{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme"} 1
`
	}
	faults := func(number string) string {
		return `# HELP aus_organization_validation_errors Faults in the rules of an OCM organisation.
# TYPE aus_organization_validation_errors gauge
aus_organization_validation_errors{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme"} ` + number + "\n"
	}
	for _, tc := range []struct {
		name string
		from surveyed
		want string
	}{
		{"the rules, and how far versions are", surveyed{}, `# HELP aus_cluster_upgrade_policy_info A cluster with rules for its upgrades.
# TYPE aus_cluster_upgrade_policy_info gauge
aus_cluster_upgrade_policy_info{channel="stable",cluster_name="a",cluster_uuid="uuid-of-ca",current_version="4.16.1",hypershift="False",integration="upgrades",mutexes="m,n",ocm_env="ocm-prod",org_id="id-acme",org_name="acme",product="osd",schedule="0 20 * * *",sector="",soak_days="5",workloads="web,jobs"} 1
aus_cluster_upgrade_policy_info{channel="stable",cluster_name="hosted",cluster_uuid="uuid-of-ch",current_version="4.16.1",hypershift="True",integration="upgrades",mutexes="m,n",ocm_env="ocm-prod",org_id="id-acme",org_name="acme",product="rosa",schedule="0 20 * * *",sector="",soak_days="5",workloads="web,jobs"} 1
# HELP aus_cluster_version_remaining_soak_days Days that a version still has to soak for a cluster; -1 is scheduled, -2 started, -3 started six hours ago, -4 blocked.
# TYPE aus_cluster_version_remaining_soak_days gauge
aus_cluster_version_remaining_soak_days{cluster_uuid="uuid-of-ca",integration="upgrades",ocm_env="ocm-prod",soaking_version="4.16.2"} -1
aus_cluster_version_remaining_soak_days{cluster_uuid="uuid-of-ca",integration="upgrades",ocm_env="ocm-prod",soaking_version="4.16.3"} 5
aus_cluster_version_remaining_soak_days{cluster_uuid="uuid-of-ca",integration="upgrades",ocm_env="ocm-prod",soaking_version="4.16.4"} -4
# HELP aus_organization_version_data Days that a version has soaked in an OCM organisation, without what it inherits.
# TYPE aus_organization_version_data gauge
aus_organization_version_data{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme",version="4.16.1",workload="jobs"} 0
aus_organization_version_data{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme",version="4.16.1",workload="web"} 0
aus_organization_version_data{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme",version="4.16.2",workload="jobs"} 0
aus_organization_version_data{integration="upgrades",ocm_env="ocm-prod",org_id="id-acme",version="4.16.2",workload="web"} 0
` + counts("0") + faults("0")},
		{"what is wrong with the rules: of each cluster, and for each of them of the organisation", surveyed{sector: "moon"}, counts("1") + faults("4")},
		{"an OCM that cannot be read", surveyed{err: apierr.Errorf(apierr.Unavailable, "it is down")}, `# HELP aus_ocm_environment_errors_total Times that an organisation of an OCM environment could not be read.
# TYPE aus_ocm_environment_errors_total counter
aus_ocm_environment_errors_total{integration="upgrades",ocm_env="ocm-prod"} 1
` + counts("1")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			names := []string{"aus_ocm_environment_errors_total", "aus_organization_reconcile_errors_total", "aus_organization_reconciled_total",
				"aus_organization_validation_errors", "aus_organization_version_data", "aus_cluster_version_remaining_soak_days"}
			if tc.from.sector == "" {
				names = append(names, "aus_cluster_upgrade_policy_info")
			}
			require.NoError(t, testutil.CollectAndCompare(measured(t, tc.from), strings.NewReader(tc.want), names...))
		})
	}
}
