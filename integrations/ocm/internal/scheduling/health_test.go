package scheduling_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	standin "github.com/app-sre/qontract-temporal/internal/standin/prometheus"
)

// oneOrganization is a source of one organisation with two clusters.
type oneOrganization struct {
	scheduling.Organization
	faults upgrades.Faults
}

func (o oneOrganization) Organizations(context.Context, reconcile.Scope) ([]scheduling.Organization, error) {
	return []scheduling.Organization{o.Organization}, nil
}

func (o oneOrganization) Survey(ctx context.Context, _ reconcile.Scope, in scheduling.Place) (scheduling.Survey, error) {
	survey := scheduling.Survey{Organization: o.Organization.Organization, Faults: o.faults}
	for _, id := range []string{"ca", "cs"} {
		c, err := in.Client.GetCluster(ctx, id)
		if err != nil {
			return survey, err
		}
		survey.Clusters = append(survey.Clusters, scheduling.Cluster{Cluster: c, Workloads: []string{"web"}, Schedule: "* * * * *"})
	}
	return survey, nil
}

const answers = `
tokens: [qt-planted-token]
answers:
  alerts{alertstate="firing", severity="critical"} * on (_id) group_left(organization) max(ocm_subscription{organization="id-acme"}) by (_id, organization):
  - {_id: uuid-of-cs, alertname: etcdDown}
  - {_id: uuid-of-cs, alertname: KubeAPIDown}
`

func TestHealthIsShownWhetherOrNotItIsEnforced(t *testing.T) {
	for name, check := range map[string]scheduling.HealthCheck{
		"enforced": {Provider: "telemeter", Enforced: true}, "shown alone": {Provider: "telemeter"},
	} {
		t.Run(name, func(t *testing.T) {
			w := follow(t, upgrades.Policy{Kind: upgrades.ClusterPolicy, ClusterID: "ca"})
			estate, err := standin.ParseEstate([]byte(answers))
			require.NoError(t, err)
			serving := httptest.NewServer(standin.New(estate))
			t.Cleanup(serving.Close)
			w.Prometheus = prometheusapi.NewPool(w.secrets)
			// A fault ends the run before state is asked for anything.
			w.From = oneOrganization{faults: upgrades.Faults{Organization: []string{"enough is known"}}, Organization: scheduling.Organization{
				Organization: upgrades.Organization{Environment: "prod", ID: "id-acme", Name: "acme"}, Access: *w.change.Desired.Upgrade.Access,
				HealthChecks: []scheduling.HealthCheck{check},
				Telemeter:    &prometheusapi.Instance{Name: "telemeter", URL: serving.URL, Token: &secret.Ref{Path: "prometheus", Field: "token"}},
			}}
			collector := metrics.New()
			scope := collector.Begin(metrics.Origin{WorkflowID: "w", Step: "ocm-upgrade-scheduler-org/desired", At: time.Now()})
			_, err = w.Desired(metrics.Into(t.Context(), scope), reconcile.Scope{Integration: "ocm-upgrade-scheduler-org", Name: "acme"})
			require.ErrorContains(t, err, "enough is known")
			require.True(t, apierr.Is(err, apierr.Invalid))
			scope.End()
			require.Equal(t, map[string]float64{"uuid-of-ca": 1, "uuid-of-cs": 0}, health(t, collector))
		})
	}
}

// health are the values of the gauge by the UUIDs of clusters.
func health(t *testing.T, c prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "aus_cluster_health_state" {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, label := range m.GetLabel() {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			text := strings.Join(labels, " ")
			require.Contains(t, text, "health_source=telemeter")
			require.Contains(t, text, "integration=ocm-upgrade-scheduler-org ocm_env=prod")
			_, uuid, _ := strings.Cut(text, "cluster_uuid=")
			uuid, _, _ = strings.Cut(uuid, " ")
			values[uuid] = m.GetGauge().GetValue()
		}
	}
	return values
}
