package ocmapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestAddonServiceOf(t *testing.T) {
	for label, want := range map[string]ocmapi.AddonService{"": ocmapi.AddonsV2, "v1": ocmapi.AddonsV1, "v2": ocmapi.AddonsV2} {
		service, err := ocmapi.AddonServiceOf(label)
		require.NoError(t, err)
		require.Equal(t, want, service, "%q", label)
	}
	_, err := ocmapi.AddonServiceOf("v3")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.ErrorContains(t, err, "feature_flag_addon_service_version")
}

func TestAddons(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	for _, service := range []ocmapi.AddonService{ocmapi.AddonsV1, ocmapi.AddonsV2} {
		t.Run(string(service), func(t *testing.T) {
			addons, err := client.ListAddons(t.Context(), service)
			require.NoError(t, err)
			versions := map[string]string{}
			for _, addon := range addons {
				versions[addon.ID] = addon.Version.ID
			}
			require.Equal(t, map[string]string{"logging": "1.2.0", "metrics": "2.0.0"}, versions)

			installed, err := client.ListAddonInstallations(t.Context(), service, "c1", ocmapi.Search{})
			require.NoError(t, err)
			require.Len(t, installed, 2)
			ready, err := client.ListAddonInstallations(t.Context(), service, "c1", ocmapi.Is("state", ocmapi.AddonReady))
			require.NoError(t, err)
			require.Len(t, ready, 1)
			require.Equal(t, "logging", ready[0].ID)
			require.Equal(t, "1.1.0", ready[0].Version.ID)
			_, err = client.ListAddonInstallations(t.Context(), service, "x1", ocmapi.Search{})
			require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
		})
	}
}

func TestAnAddonsUpgradePassesThroughItsStates(t *testing.T) {
	const at = "2030-06-01T12:05:00Z"
	for _, tc := range []struct {
		service ocmapi.AddonService
		begins  string
		states  []string
	}{
		// The first service begins at once, and looks at no time that it is given.
		{ocmapi.AddonsV1, "2030-06-01T12:00:00Z", []string{ocmapi.UpgradeStarted, ocmapi.UpgradeStarted, ocmapi.UpgradeCompleted, ""}},
		{ocmapi.AddonsV2, at, []string{ocmapi.UpgradeScheduled, ocmapi.UpgradeStarted, ocmapi.UpgradeCompleted, ""}},
	} {
		t.Run(string(tc.service), func(t *testing.T) {
			s := serve(t, estate)
			client := s.client(t, "bot", "hunter2")
			policy := ocmapi.AddonUpgradePolicy{Addon: "logging", UpgradePolicy: ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "1.2.0", NextRun: at}}
			require.NoError(t, client.CreateAddonUpgradePolicy(applying(t), tc.service, "c1", policy))
			err := client.CreateAddonUpgradePolicy(applying(t), tc.service, "c1", policy)
			require.True(t, apierr.Is(err, apierr.Invalid), "one upgrade at a time: %v", err)
			for i, after := range []time.Duration{0, 15 * time.Minute, 50 * time.Minute, time.Hour} {
				s.Advance(after)
				policies, err := client.ListAddonUpgradePolicies(t.Context(), tc.service, "c1")
				require.NoError(t, err)
				if tc.states[i] == "" {
					require.Empty(t, policies)
					continue
				}
				require.Len(t, policies, 1)
				require.Equal(t, tc.states[i], policies[0].State)
				require.Equal(t, "logging", policies[0].Addon)
				require.Equal(t, "1.2.0", policies[0].Version)
				require.Equal(t, ocmapi.Manual, policies[0].ScheduleType)
				require.Equal(t, tc.begins, policies[0].NextRun)
			}
			installed, err := client.ListAddonInstallations(t.Context(), tc.service, "c1", ocmapi.Is("state", ocmapi.AddonReady))
			require.NoError(t, err)
			require.Equal(t, "1.2.0", installed[0].Version.ID)
		})
	}
}

func TestAnAddonsUpgradeIsTakenBackUntilItBegins(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "bot", "hunter2")
	policy := ocmapi.AddonUpgradePolicy{Addon: "logging", UpgradePolicy: ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: "1.2.0", NextRun: "2030-06-01T13:00:00Z"}}
	require.NoError(t, client.CreateAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", policy))
	require.NoError(t, client.DeleteAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", "addon-policy-1"))
	require.NoError(t, client.DeleteAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", "addon-policy-1"))
	require.NoError(t, client.CreateAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", policy))
	s.Advance(time.Hour)
	require.True(t, apierr.Is(client.DeleteAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", "addon-policy-2"), apierr.Invalid), "it has begun")
}

func TestWhatAnAddonCannotBeUpgradedTo(t *testing.T) {
	client := serve(t, estate).client(t, "bot", "hunter2")
	for name, tc := range map[string]struct {
		addon, version, at string
		kind               apierr.Kind
		says               string
	}{
		"not installed":   {"tracing", "1.2.0", "2030-06-01T13:00:00Z", apierr.Missing, "'tracing' not found"},
		"no such version": {"logging", "9.9.9", "2030-06-01T13:00:00Z", apierr.Invalid, "not available"},
		"what it runs":    {"metrics", "2.0.0", "2030-06-01T13:00:00Z", apierr.Invalid, "not available"},
		"too soon":        {"logging", "1.2.0", "2030-06-01T12:04:00Z", apierr.Invalid, "5 minutes in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			err := client.CreateAddonUpgradePolicy(applying(t), ocmapi.AddonsV2, "c1", ocmapi.AddonUpgradePolicy{
				Addon: tc.addon, UpgradePolicy: ocmapi.UpgradePolicy{ScheduleType: ocmapi.Manual, Version: tc.version, NextRun: tc.at},
			})
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, tc.says)
		})
	}
}
