package fleet_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestTheScheduleOfAnIntegrationThatIsNotManagedFollowsItsDefinition(t *testing.T) {
	f := planned(t, fleet.Options{Environment: "test"}, datafile("basic", ""))
	require.Equal(t, []fleet.Schedule{{
		ID: "basic", Integration: "basic", Timing: fleet.Timing{Every: 10 * time.Minute}, Offset: reconcile.Offset("basic", 10*time.Minute),
		CatchUp: 10 * time.Minute, Queue: "basic", Args: plan.Args{},
	}}, f.Schedules)
	require.Len(t, f.Units, 1)
	require.Nil(t, f.Units[0].Managed)
	require.Empty(t, f.Groups())
}

func TestTiming(t *testing.T) {
	for _, tc := range []struct {
		name, spec string
		text       string
		within     time.Duration
		catchUp    time.Duration
	}{
		{"seconds of sleep are the interval", "sleepDurationSecs: '90'", "every 1m30s", 90 * time.Second, 10 * time.Minute},
		{"a long interval is caught up within itself", "sleepDurationSecs: '7200'", "every 2h", 2 * time.Hour, 2 * time.Hour},
		{"cron starts within the minute", "cron: 0 8 * * 1", `cron "0 8 * * 1"`, time.Minute, 24 * time.Hour},
		{"cron wins over seconds of sleep", "cron: '@daily', sleepDurationSecs: '90'", `cron "@daily"`, time.Minute, 24 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := planned(t, fleet.Options{}, managed("basic", "ns-test", tc.spec, ""))
			require.Empty(t, f.Problems)
			s := f.Schedules[0]
			require.Equal(t, tc.text, s.Timing.String())
			require.Equal(t, reconcile.Offset("basic", tc.within), s.Offset)
			require.Equal(t, tc.catchUp, s.CatchUp)
		})
	}
}

func TestShardsOfOneIntervalStartApart(t *testing.T) {
	f := planned(t, fleet.Options{}, managed("by-account", "ns-test", "", "strategy: per-aws-account"))
	var offsets []time.Duration
	for _, s := range f.Schedules {
		offsets = append(offsets, s.Offset)
	}
	slices.Sort(offsets)
	require.Len(t, slices.Compact(offsets), 3)
}

func TestWhatIsOurs(t *testing.T) {
	both := datafile("basic", "managed:\n"+entry("ns-test", "sleepDurationSecs: '60'", "")+entry("ns-dry", "sleepDurationSecs: '120'", ""))
	for _, tc := range []struct {
		name      string
		datafile  string
		options   fleet.Options
		schedules []string
		leftOut   fleet.LeftOut
	}{
		{"an integration without datafile", datafile("other", ""), fleet.Options{}, nil, fleet.LeftOut{Name: "basic", Reason: "app-interface has no datafile for it"}},
		{"an integration of the reference", datafile("basic", "upstream: https://x/reference\n"), fleet.Options{}, nil, fleet.LeftOut{Name: "basic", Reason: "its upstream is https://x/reference"}},
		{"an integration of ours", datafile("basic", "upstream: "+fleet.Upstream+"\n"), fleet.Options{}, []string{"basic every 10m"}, fleet.LeftOut{}},
		{"another upstream is ours where it is named", datafile("basic", "upstream: https://x/fork\n"), fleet.Options{Upstream: "https://x/fork"}, []string{"basic every 10m"}, fleet.LeftOut{}},
		{"the entry of the environment", both, fleet.Options{Environment: "dry"}, []string{"basic every 2m"}, fleet.LeftOut{}},
		{"no entry of the environment", both, fleet.Options{Environment: "prod"}, nil, fleet.LeftOut{Name: "basic", Reason: "not managed in the environment prod"}},
		{"what the local file disables", datafile("basic", ""), fleet.Options{Local: fleet.Local{"basic": {Disabled: true}}}, nil, fleet.LeftOut{Name: "basic", Reason: "disabled in schedules.yaml"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := planned(t, tc.options, tc.datafile)
			require.Empty(t, f.Problems)
			var schedules []string
			for _, s := range f.Schedules {
				schedules = append(schedules, s.ID+" "+s.Timing.String())
			}
			require.Equal(t, tc.schedules, schedules)
			if tc.leftOut.Name != "" {
				require.Contains(t, f.LeftOut, tc.leftOut)
			}
		})
	}
}

func TestTheEnvironmentDecidesAboutDryRuns(t *testing.T) {
	f := planned(t, fleet.Options{}, managed("basic", "ns-dry", "", ""), managed("plain", "ns-test", "", ""), managed("integrations-manager", "ns-dry", "", ""))
	require.Empty(t, f.Problems)
	dry := map[string]bool{}
	for _, s := range f.Schedules {
		dry[s.ID] = s.DryRun
	}
	require.Equal(t, map[string]bool{"basic": true, "plain": false, "integrations-manager": false}, dry)
}

func TestGroupsOfWorkers(t *testing.T) {
	f := planned(t, fleet.Options{},
		managed("basic", "ns-test", "imageRef: Abc.1", ""),
		managed("plain", "ns-test", "", ""),
		managed("integrations-manager", "ns-test", "", ""),
		managed("by-zone", "ns-dry", "", "strategy: per-cloudflare-dns-zone, shardSpecOverrides: [{shard: {$ref: /zone-2.yml}, imageRef: image}]"),
		managed("by-organization", "ns-dry", "", "strategy: per-ocm-organization, shardSpecOverrides: [{shard: {$ref: /org-2.yml}, disabled: true}]")+"labels: {workerGroup: slow}\n",
	)
	require.Empty(t, f.Problems)
	type group struct {
		name, namespace, image, suffix string
		integrations                   []string
		units                          int
	}
	var groups []group
	for _, g := range f.Groups() {
		groups = append(groups, group{g.Name, g.Namespace.Name, g.ImageRef, g.QueueSuffix, g.Integrations(), len(g.Units)})
	}
	require.Equal(t, []group{
		{"by-zone-cf-zone2", "ns-dry", "image", "-cf-zone2", []string{"by-zone"}, 1},
		{"family", "ns-dry", "", "", []string{"by-zone"}, 1},
		{"slow", "ns-dry", "", "", []string{"by-organization"}, 1},
		{"family", "ns-test", "", "", []string{"integrations-manager", "plain"}, 2},
		{"family-abc-1", "ns-test", "Abc.1", "-abc-1", []string{"basic"}, 1},
	}, groups)
	queues := map[string]string{}
	for _, s := range f.Schedules {
		queues[s.ID] = s.Queue
	}
	require.Equal(t, map[string]string{
		"basic": "basic-abc-1", "plain": "plain", "integrations-manager": "integrations-manager",
		"by-zone-cf-zone1": "by-zone", "by-zone-cf-zone2": "by-zone-cf-zone2", "by-organization-org-id-a": "by-organization",
	}, queues)
}

func TestDurationsAreShort(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0s": 0, "10s": 10 * time.Second, "1m40s": 100 * time.Second, "10m": 10 * time.Minute, "1h": time.Hour, "1h10m": 70 * time.Minute, "20h0m5s": 20*time.Hour + 5*time.Second,
	} {
		require.Equal(t, text, fleet.Short(d))
	}
}
