package scheduling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
)

// telemeter is the provider of health checks that there is.
const telemeter = "telemeter"

// criticalAlerts are the critical alerts that fire on the clusters of an organisation, by the clusters' UUIDs. The recording
// of a cluster's subscription says which organisation it is of.
func criticalAlerts(organization string) string {
	return fmt.Sprintf(`alerts{alertstate="firing", severity="critical"} * on (_id) group_left(organization) max(ocm_subscription{organization=%q}) by (_id, organization)`, organization)
}

// examine notes what is wrong with the clusters, by the health checks that their organisation wants. Each is asked once.
func (r *Scheduler) examine(ctx context.Context, in Place, survey *Survey) error {
	for _, check := range in.HealthChecks {
		if check.Provider != telemeter || in.Telemeter == nil || r.Prometheus == nil {
			return apierr.Errorf(apierr.Invalid, "organisation %s (%s) wants clusters to be checked by %s, which OCM environment %s does not have: nothing is upgraded, since sick clusters would count",
				in.Name, in.ID, check.Provider, in.Environment)
		}
		alerts, err := r.alerts(ctx, in)
		if err != nil {
			return fmt.Errorf("health of the clusters of organisation %s: %w", in.Name, err)
		}
		for i := range survey.Clusters {
			c := &survey.Clusters[i]
			for _, alert := range alerts[c.ExternalID] {
				c.Ailments = append(c.Ailments, upgrades.Ailment{Source: check.Provider, Error: alert, Enforced: check.Enforced})
			}
			if check.Enforced && len(alerts[c.ExternalID]) > 0 {
				logging.From(ctx).Debug("a sick cluster does not contribute to soak days", "cluster", c.Name, "because", strings.Join(alerts[c.ExternalID], ", "))
			}
		}
	}
	return nil
}

// alerts are the names of alerts, each once and sorted, by the UUIDs of clusters.
func (r *Scheduler) alerts(ctx context.Context, in Place) (map[string][]string, error) {
	client, err := r.Prometheus.Connect(ctx, *in.Telemeter)
	if err != nil {
		return nil, err
	}
	vector, err := client.Vector(ctx, criticalAlerts(in.ID))
	if err != nil {
		return nil, err
	}
	alerts := map[string][]string{}
	for _, sample := range vector {
		cluster := string(sample.Metric["_id"])
		alerts[cluster] = append(alerts[cluster], string(sample.Metric["alertname"]))
	}
	for cluster, names := range alerts {
		slices.Sort(names)
		alerts[cluster] = slices.Compact(names)
	}
	return alerts, nil
}
