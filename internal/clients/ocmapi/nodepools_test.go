package ocmapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestNodePoolsFollowTheirControlPlane(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	s.Advance(time.Hour)
	pools, err := client.ListNodePools(t.Context(), "h1")
	require.NoError(t, err)
	require.Len(t, pools, 1)
	require.Equal(t, "workers", pools[0].ID)
	require.Equal(t, "4.16.0", pools[0].Version.RawID)

	policy := ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.16.2", NextRun: "2030-06-01T14:00:00Z", UpgradeType: "NodePool"}
	require.NoError(t, client.CreateNodePoolUpgradePolicy(applying(t), "h1", "workers", policy))
	planned, err := client.ListNodePoolUpgradePolicies(t.Context(), "h1", "workers")
	require.NoError(t, err)
	require.Len(t, planned, 1)
	require.Equal(t, "4.16.2", planned[0].Version)
	require.Equal(t, ocmapi.UpgradeScheduled, planned[0].State)

	policy.Version = "4.17.0"
	require.ErrorContains(t, client.CreateNodePoolUpgradePolicy(applying(t), "h1", "workers", policy), "already an upgrade policy")
	s.Advance(2 * time.Hour)
	pools, err = client.ListNodePools(t.Context(), "h1")
	require.NoError(t, err)
	require.Equal(t, "4.16.2", pools[0].Version.RawID)
	s.Advance(time.Hour)
	policy.NextRun = "2030-06-02T14:00:00Z"
	require.ErrorContains(t, client.CreateNodePoolUpgradePolicy(applying(t), "h1", "workers", policy), "'4.17.0' is not available", "its control plane does not run it")

	_, err = client.ListNodePoolUpgradePolicies(t.Context(), "h1", "gone")
	require.ErrorContains(t, err, "'gone'")
	_, err = client.ListNodePools(t.Context(), "x1")
	require.Error(t, err, "of somebody else")
}

func TestVersionGates(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	gates, err := client.ListVersionGates(t.Context())
	require.NoError(t, err)
	require.Equal(t, []ocmapi.VersionGate{
		{ID: "gate-1", VersionRawIDPrefix: "4.17", Label: "api.openshift.com/gate-ocp"},
		{ID: "gate-2", VersionRawIDPrefix: "4.17", Label: "api.openshift.com/gate-sts", STSOnly: true},
	}, gates)
	s.Advance(24 * time.Hour)
	gates, err = client.ListVersionGates(t.Context())
	require.NoError(t, err)
	require.Len(t, gates, 3, "one has appeared")

	agreed, err := client.ListGateAgreements(t.Context(), "c2")
	require.NoError(t, err)
	require.Equal(t, []string{"gate-2"}, agreed)
	agreed, err = client.ListGateAgreements(t.Context(), "c1")
	require.NoError(t, err)
	require.Empty(t, agreed)
}

func TestTheTimeIsOCMs(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	now, err := client.Now(t.Context())
	require.NoError(t, err)
	require.Equal(t, time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC), now)
	s.Advance(90 * time.Second)
	now, err = client.Now(t.Context())
	require.NoError(t, err)
	require.Equal(t, time.Date(2030, 6, 1, 12, 1, 30, 0, time.UTC), now)
}
