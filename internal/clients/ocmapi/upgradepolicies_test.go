package ocmapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// writes makes every call that writes.
func writes(ctx context.Context, client *ocmapi.Client) []error {
	policy := ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.16.2", NextRun: "2030-06-01T13:00:00Z"}
	return []error{
		client.CreateUpgradePolicy(ctx, "c1", policy),
		client.DeleteUpgradePolicy(ctx, "c1", "p"),
		client.CreateControlPlaneUpgradePolicy(ctx, "h1", policy),
		client.DeleteControlPlaneUpgradePolicy(ctx, "h1", "p-0"),
		client.CreateServiceLog(ctx, ocmapi.ServiceLog{ClusterUUID: "uuid-of-c1", ServiceName: "s", Severity: ocmapi.Warning, Summary: "s"}),
		client.CreateAddonUpgradePolicy(ctx, ocmapi.AddonsV1, "c1", ocmapi.AddonUpgradePolicy{Addon: "logging", UpgradePolicy: policy}),
		client.DeleteAddonUpgradePolicy(ctx, ocmapi.AddonsV2, "c1", "p"),
	}
}

func TestAnUpgradePassesThroughItsStates(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	require.NoError(t, client.CreateUpgradePolicy(applying(t), "c1", ocmapi.UpgradePolicy{
		ScheduleType: ocmapi.Manual, Version: "4.16.2", NextRun: "2030-06-01T13:00:00Z", UpgradeType: "OSD",
	}))
	for _, step := range []struct {
		after   time.Duration
		state   string
		version string
	}{
		{0, ocmapi.UpgradeScheduled, "4.16.1"}, {59 * time.Minute, ocmapi.UpgradeScheduled, "4.16.1"}, {time.Minute, ocmapi.UpgradeStarted, "4.16.1"},
		{time.Hour, ocmapi.UpgradeCompleted, "4.16.2"}, {time.Hour, "", "4.16.2"},
	} {
		s.Advance(step.after)
		policies, err := client.ListUpgradePolicies(t.Context(), "c1")
		require.NoError(t, err)
		if step.state == "" {
			require.Empty(t, policies)
		} else {
			require.Equal(t, []ocmapi.UpgradePolicy{{
				ID: "policy-1", ScheduleType: ocmapi.Manual, NextRun: "2030-06-01T13:00:00Z", Version: "4.16.2", UpgradeType: "OSD", State: step.state,
			}}, policies)
		}
		cluster, err := client.GetCluster(t.Context(), "c1")
		require.NoError(t, err)
		require.Equal(t, step.version, cluster.Version.RawID)
	}
}

func TestControlPlanesHavePoliciesOfTheirOwn(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	policies, err := client.ListControlPlaneUpgradePolicies(t.Context(), "h1")
	require.NoError(t, err)
	require.Len(t, policies, 1)
	require.Equal(t, ocmapi.UpgradeStarted, policies[0].State)
	at, err := policies[0].At()
	require.NoError(t, err)
	require.Equal(t, time.Date(2030, 6, 1, 11, 50, 0, 0, time.UTC), at)

	s.Advance(time.Hour)
	policies, err = client.ListControlPlaneUpgradePolicies(t.Context(), "h1")
	require.NoError(t, err)
	require.Empty(t, policies)
	_, err = client.ListUpgradePolicies(t.Context(), "h1")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	_, err = client.ListControlPlaneUpgradePolicies(t.Context(), "c1")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
}

func TestAPlanIsTakenBackUntilItBegins(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	policy := ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.16.10", NextRun: "2030-06-01T13:00:00Z"}
	require.NoError(t, client.CreateUpgradePolicy(applying(t), "c1", policy))
	require.True(t, apierr.Is(client.CreateUpgradePolicy(applying(t), "c1", policy), apierr.Invalid), "OCM permits one")
	require.NoError(t, client.DeleteUpgradePolicy(applying(t), "c1", "policy-1"))
	require.NoError(t, client.DeleteUpgradePolicy(applying(t), "c1", "policy-1"))
	require.NoError(t, client.CreateUpgradePolicy(applying(t), "c1", policy))
	s.Advance(time.Hour)
	require.True(t, apierr.Is(client.DeleteUpgradePolicy(applying(t), "c1", "policy-2"), apierr.Invalid), "it has begun")
}

func TestWhatCannotBePlanned(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	for name, tc := range map[string]struct {
		policy ocmapi.UpgradePolicy
		says   string
	}{
		"too soon":              {ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.16.2", NextRun: "2030-06-01T12:04:00Z"}, "5 minutes in the future"},
		"no time":               {ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.16.2"}, "5 minutes in the future"},
		"no such version":       {ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.99.0", NextRun: "2030-06-02T00:00:00Z"}, "not available"},
		"a gate before it":      {ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "4.17.0", NextRun: "2030-06-02T00:00:00Z"}, "missing version gate agreements"},
		"a schedule without it": {ocmapi.UpgradePolicy{ScheduleType: ocmapi.Automatic}, "need a schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			err := client.CreateUpgradePolicy(applying(t), "c1", tc.policy)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, tc.says)
		})
	}
}
