package advancedupgradescheduler

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestTheRulesOfACluster(t *testing.T) {
	whole := map[string]string{soakDays: "5", workloads: "wl-1,wl-2", sector: "a", schedule: "0 * * * 1-5", mutexes: "m1", blockedVersions: `^4\.1[45]\..*$,`, "other": "x"}
	l := labels{values: whole}
	require.Equal(t, scheduling.Cluster{
		Cluster: ocmapi.Cluster{ID: "c"}, Workloads: []string{"wl-1", "wl-2"}, Schedule: "0 * * * 1-5",
		Conditions: upgrades.Conditions{SoakDays: 5, Sector: "a", Mutexes: []string{"m1"}, BlockedVersions: []string{`^4\.1[45]\..*$`}},
	}, l.cluster(ocmapi.Cluster{ID: "c"}))
	require.Empty(t, l.faults)

	least := labels{values: map[string]string{soakDays: "0", workloads: "workload", schedule: "0 * * * 1-5"}}
	ruled := least.cluster(ocmapi.Cluster{})
	require.Empty(t, least.faults)
	require.Equal(t, upgrades.Conditions{}, ruled.Conditions)
	require.Empty(t, ruled.Approval)

	for _, tc := range []struct{ name, key, value, says string }{
		{"days below zero", soakDays, "-5", `"-5" is no number of days: give 0 or more`},
		{"days that are no number", soakDays, "1.5", `"1.5" is no number of days: give 0 or more`},
		{"no days", soakDays, "-", "is missing"},
		{"no workloads", workloads, "-", "is missing"},
		{"workloads without one", workloads, "", "it has no value: give at least one"},
		{"workloads of commas", workloads, " , ", "it has no value: give at least one"},
		{"no schedule", schedule, "-", "is missing"},
		{"a schedule that is none", schedule, "0 48 * * 1-5", `schedule "0 48 * * 1-5" is not a cron expression: give minute, hour, day of month, month and day of week, in UTC`},
		{"an approval that is none", approval, "perhaps", `"perhaps" is neither true nor false`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := labels{values: maps.Clone(whole)}
			l.values[tc.key] = tc.value
			if tc.value == "-" {
				delete(l.values, tc.key)
			}
			l.cluster(ocmapi.Cluster{})
			require.Equal(t, []string{"label " + tc.key + ": " + tc.says}, l.faults)
		})
	}
	for value, want := range map[string]string{"true": "the label sre-capabilities.aus.approval of the cluster asks for it", "false": ""} {
		l := labels{values: maps.Clone(whole)}
		l.values[approval] = value
		require.Equal(t, want, l.cluster(ocmapi.Cluster{}).Approval, value)
	}
}

func TestTheSectorsOfAnOrganisation(t *testing.T) {
	none := labels{}
	require.Empty(t, none.sectors())
	require.Empty(t, none.list(blockedVersions))
	l := labels{values: map[string]string{sectorDeps + "a": "b, c", sectorDeps + "b": "d", sectorMost + "b": "50%", sectorMost + "e": "2", sectorDeps: "x"}}
	require.Equal(t, []upgrades.Sector{
		{Name: "a", Dependencies: []string{"b", "c"}}, {Name: "b", Dependencies: []string{"d"}, MaxParallelUpgrades: "50%"}, {Name: "c"}, {Name: "d"},
		{Name: "e", MaxParallelUpgrades: "2"},
	}, l.sectors())
}

func TestWhoIsToldOfWhat(t *testing.T) {
	survey := scheduling.Survey{Clusters: []scheduling.Cluster{
		{Cluster: ocmapi.Cluster{ExternalID: "u-1"}}, {Cluster: ocmapi.Cluster{ExternalID: "u-2"}},
	}}
	notices := labelled{}.Notices(survey, upgrades.Faults{
		Organization: []string{"one", "two", "one"},
		Clusters:     []upgrades.ClusterFault{{UUID: "u-3", Messages: []string{"a", "b"}}, {UUID: "u-2", Messages: []string{"c"}}, {UUID: "u-3", Messages: []string{"d"}}},
	})
	require.Equal(t, []scheduling.Notice{
		{ClusterUUID: "u-3", Summary: aboutCluster, Description: "- a\n- b\n- d"},
		{ClusterUUID: "u-2", Summary: aboutCluster, Description: "- c"},
		{ClusterUUID: "u-1", Summary: aboutOrganization, Description: "one\ntwo"},
	}, notices)
	require.Empty(t, labelled{}.Notices(survey, upgrades.Faults{}))
}
