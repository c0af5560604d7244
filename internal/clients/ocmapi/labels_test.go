package ocmapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestLabels(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	labels, err := client.ListLabels(t.Context(), ocmapi.Is("type", ocmapi.OrganizationLabel))
	require.NoError(t, err)
	require.Equal(t, []ocmapi.Label{{ID: "label-org-1-tier", Key: "tier", Value: "gold", Type: ocmapi.OrganizationLabel, OrganizationID: "org-1"}}, labels)
	labels, err = client.ListLabels(t.Context(), ocmapi.All(ocmapi.Is("type", ocmapi.SubscriptionLabel), ocmapi.Like("key", "team.%")))
	require.NoError(t, err)
	require.Len(t, labels, 2)
	require.Equal(t, "sub-c1", labels[0].SubscriptionID)
	require.Equal(t, map[string]string{"team.owner": "it's ours", "team.size": "3"}, ocmapi.Values(labels))
}

func TestSubscriptions(t *testing.T) {
	s := serve(t, estate+"  c4: {name: gone, organization: org-1, version: 4.16.1, subscriptionStatus: Deprovisioned}\n  c5: {name: theirs, organization: org-1, version: 4.16.1, unmanaged: true}\n"+
		"  c6: {name: kept, organization: org-1, version: 4.16.1, subscriptionStatus: Reserved}\n")
	found, err := s.client(t, "bot", "hunter2").ListSubscriptions(t.Context(), ocmapi.All(ocmapi.Is("organization_id", "org-1"), ocmapi.InUse()))
	require.NoError(t, err)
	require.Len(t, found, 3, "those in use")
	require.Equal(t, "c1", found[0].ClusterID)
	require.Equal(t, "org-1", found[0].OrganizationID)
	require.Equal(t, ocmapi.SubscriptionActive, found[0].Status)
	require.Equal(t, "3", ocmapi.Values(found[0].Labels)["team.size"])
	require.Empty(t, found[1].Labels)
	require.Equal(t, ocmapi.SubscriptionReserved, found[2].Status)
}

func TestOrganizations(t *testing.T) {
	found, err := serve(t, estate).client(t, "bot", "hunter2").ListOrganizations(t.Context(), ocmapi.In("id", "org-1", "org-3"))
	require.NoError(t, err)
	require.Len(t, found, 1, "not those that it may not see")
	require.Equal(t, "one", found[0].Name)
	require.Equal(t, map[string]string{"tier": "gold"}, ocmapi.Values(found[0].Labels))
}

func TestServiceLogs(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	log := ocmapi.ServiceLog{ClusterUUID: "uuid-of-c1", ServiceName: "upgrades", Severity: ocmapi.Warning, Summary: "a fault", Description: "- it's\n- here"}
	require.NoError(t, client.CreateServiceLog(applying(t), log))
	s.Advance(time.Hour)
	require.NoError(t, client.CreateServiceLog(applying(t), log))
	recent := func(at time.Time) []ocmapi.ServiceLog {
		logs, err := client.ListServiceLogs(t.Context(), ocmapi.All(ocmapi.Is("service_name", "upgrades"), ocmapi.Since("created_at", at)))
		require.NoError(t, err)
		return logs
	}
	noon := time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
	require.Len(t, recent(noon), 2)
	require.Len(t, recent(noon.Add(time.Hour)), 1)
	require.Empty(t, recent(noon.Add(2*time.Hour)))
	found := recent(noon)[0]
	found.ID = ""
	require.Equal(t, log, found)

	log.ClusterUUID = "uuid-of-x1"
	require.True(t, apierr.Is(client.CreateServiceLog(applying(t), log), apierr.Missing), "of somebody else")
	log.ClusterUUID, log.Severity = "uuid-of-c1", "Loud"
	require.True(t, apierr.Is(client.CreateServiceLog(applying(t), log), apierr.Invalid))
}

func TestManyValuesAreAskedForInParts(t *testing.T) {
	values := []string{"b", "a", "b"}
	require.Equal(t, []ocmapi.Search{ocmapi.In("id", "a", "b")}, ocmapi.Parts("id", values))
	require.Empty(t, ocmapi.Parts("id", nil))
	for i := range 250 {
		values = append(values, fmt.Sprint(i))
	}
	require.Len(t, ocmapi.Parts("id", values), 3)
}
