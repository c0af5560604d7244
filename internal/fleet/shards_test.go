package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// shard is what tells one shard from another.
type shard struct {
	id, label, image string
	args             plan.Args
	resources        string
}

func shardsOf(f fleet.Fleet) []shard {
	args := map[string]plan.Args{}
	for _, s := range f.Schedules {
		args[s.ID] = s.Args
	}
	var shards []shard
	for _, u := range f.Units {
		one := shard{id: u.ID, label: u.Shard.Label(), image: u.Shard.Override.ImageRef, args: args[u.ID]}
		if u.Shard.Override.Resources != nil {
			one.resources = u.Shard.Override.Resources.Requests.Cpu
		}
		shards = append(shards, one)
	}
	return shards
}

func TestShards(t *testing.T) {
	const resources = `resources: {requests: {cpu: 200m, memory: 2Mi}, limits: {memory: 3Mi}}`
	for _, tc := range []struct {
		name     string
		datafile string
		shards   []shard
		leftOut  []string
	}{
		{
			"no sharding is one shard without flags", managed("basic", "ns-test", "extraArgs: --thread-pool-size 5", ""),
			[]shard{{id: "basic", label: "0-1", args: plan.Args{"thread-pool-size": {"5"}}}}, nil,
		},
		{
			"one static shard has no suffix", managed("plain", "ns-test", "", "strategy: static, shards: 1"),
			[]shard{{id: "plain", label: "0-1", args: plan.Args{}}}, nil,
		},
		{
			"two static shards", managed("basic", "ns-test", "extraArgs: --thread-pool-size 5", "strategy: static, shards: 2"),
			[]shard{
				{id: "basic-0", label: "0-2", args: plan.Args{"thread-pool-size": {"5"}, "shards": {"2"}, "shard-id": {"0"}}},
				{id: "basic-1", label: "1-2", args: plan.Args{"thread-pool-size": {"5"}, "shards": {"2"}, "shard-id": {"1"}}},
			},
			nil,
		},
		{
			"an AWS account that disables the integration has no shard", managed("by-account", "ns-test", "extraArgs: --thread-pool-size 5", "strategy: per-aws-account"),
			[]shard{
				{id: "by-account-acc-1", label: "acc-1", args: plan.Args{"account-name": {"acc-1"}, "thread-pool-size": {"5"}}},
				{id: "by-account-acc-2", label: "acc-2", args: plan.Args{"account-name": {"acc-2"}, "thread-pool-size": {"5"}}},
				{id: "by-account-acc-3", label: "acc-3", args: plan.Args{"account-name": {"acc-3"}, "thread-pool-size": {"5"}}},
			},
			nil,
		},
		{
			"AWS accounts with an image, resources and a switch of their own",
			managed("by-account", "ns-test", "", "strategy: per-aws-account, shardSpecOverrides: ["+
				"{shard: {$ref: /account-1.yml}, imageRef: acc1-image}, {shard: {$ref: /account-2.yml}, "+resources+"}, {shard: {$ref: /account-3.yml}, disabled: true}]"),
			[]shard{
				{id: "by-account-acc-1", label: "acc-1", args: plan.Args{"account-name": {"acc-1"}}, image: "acc1-image"},
				{id: "by-account-acc-2", label: "acc-2", args: plan.Args{"account-name": {"acc-2"}}, resources: "200m"},
				{id: "by-account-acc-3", label: "acc-3"},
			},
			[]string{"by-account-acc-3"},
		},
		{
			"the case of an organisation's ID is lowered in the shard's name alone, and one that disables the integration has no shard",
			managed("by-organization", "ns-test", "", "strategy: per-ocm-organization, shardSpecOverrides: [{shard: {$ref: /org-2.yml}, imageRef: image}]"),
			[]shard{
				{id: "by-organization-org-id-a", label: "org-id-A", args: plan.Args{"org-id": {"org-id-A"}}},
				{id: "by-organization-org-id-b", label: "org-id-B", args: plan.Args{"org-id": {"org-id-B"}}, image: "image"},
			},
			nil,
		},
		{
			"Cloudflare zones, and an override of one",
			managed("by-zone", "ns-test", "", "strategy: per-cloudflare-dns-zone, shardSpecOverrides: [{shard: {$ref: /zone-2.yml}, imageRef: image}]"),
			[]shard{
				{id: "by-zone-cf-zone1", label: "cf-zone1", args: plan.Args{"zone-name": {"zone1"}}},
				{id: "by-zone-cf-zone2", label: "cf-zone2", args: plan.Args{"zone-name": {"zone2"}}, image: "image"},
			},
			nil,
		},
		{
			"clusters", managed("by-cluster", "ns-test", "", "strategy: per-openshift-cluster"),
			[]shard{
				{id: "by-cluster-cluster-1", label: "cluster-1", args: plan.Args{"cluster-name": {"cluster-1"}}},
				{id: "by-cluster-cluster-2", label: "cluster-2", args: plan.Args{"cluster-name": {"cluster-2"}}},
			},
			nil,
		},
		{
			"a cluster that is split further has the override in each part",
			managed("by-cluster", "ns-test", "", "strategy: per-openshift-cluster, shardSpecOverrides: [{shard: {$ref: /cluster-1.yml}, imageRef: my-image, subSharding: {strategy: static, shards: 2}}]"),
			[]shard{
				{id: "by-cluster-cluster-1-0", label: "cluster-1", args: plan.Args{"cluster-name": {"cluster-1"}, "shards": {"2"}, "shard-id": {"0"}}, image: "my-image"},
				{id: "by-cluster-cluster-1-1", label: "cluster-1", args: plan.Args{"cluster-name": {"cluster-1"}, "shards": {"2"}, "shard-id": {"1"}}, image: "my-image"},
				{id: "by-cluster-cluster-2", label: "cluster-2", args: plan.Args{"cluster-name": {"cluster-2"}}},
			},
			nil,
		},
		{
			"a cluster that is split into one part has the part's number",
			managed("by-cluster", "ns-test", "", "strategy: per-openshift-cluster, shardSpecOverrides: [{shard: {$ref: /cluster-1.yml}, subSharding: {strategy: static, shards: 1}}]"),
			[]shard{
				{id: "by-cluster-cluster-1-0", label: "cluster-1", args: plan.Args{"cluster-name": {"cluster-1"}}},
				{id: "by-cluster-cluster-2", label: "cluster-2", args: plan.Args{"cluster-name": {"cluster-2"}}},
			},
			nil,
		},
		{
			"a cluster whose shard is disabled", managed("by-cluster", "ns-test", "", "strategy: per-openshift-cluster, shardSpecOverrides: [{shard: {$ref: /cluster-1.yml}, disabled: true}]"),
			[]shard{
				{id: "by-cluster-cluster-1", label: "cluster-1"},
				{id: "by-cluster-cluster-2", label: "cluster-2", args: plan.Args{"cluster-name": {"cluster-2"}}},
			},
			[]string{"by-cluster-cluster-1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := planned(t, fleet.Options{Environment: "test"}, tc.datafile)
			require.Empty(t, f.Problems)
			require.Equal(t, tc.shards, shardsOf(f))
			require.Subset(t, leftOut(f), tc.leftOut)
		})
	}
}

func leftOut(f fleet.Fleet) []string {
	var names []string
	for _, l := range f.LeftOut {
		names = append(names, l.Name)
	}
	return names
}

func TestAProblemNamesTheDatafileAndLeavesTheOthers(t *testing.T) {
	for _, tc := range []struct {
		name     string
		datafile string
		says     string
	}{
		{"accounts without --account-name", managed("basic", "ns-test", "", "strategy: per-aws-account"), `the sharding strategy "per-aws-account" needs the flag --account-name, which basic has not`},
		{"clusters without --cluster-name", managed("basic", "ns-test", "", "strategy: per-openshift-cluster"), "--cluster-name"},
		{"organisations without --org-id", managed("basic", "ns-test", "", "strategy: per-ocm-organization"), "--org-id"},
		{"zones without --zone-name", managed("basic", "ns-test", "", "strategy: per-cloudflare-dns-zone"), "--zone-name"},
		{"static shards without --shards", managed("by-zone", "ns-test", "", "strategy: static, shards: 2"), "--shards"},
		{"no shards at all", managed("basic", "ns-test", "", "strategy: static, shards: 0"), "0 shards: at least one is needed"},
		{"a flag that the integration has not", managed("basic", "ns-test", "extraArgs: --thread-pool-sise 3", ""), "extraArgs: basic has no flag --thread-pool-sise; did you mean --thread-pool-size?"},
		{"a flag of two values in the reference's form", managed("basic", "ns-test", "extraArgs: --tag key value", ""), `"value" belongs to no flag`},
		{"a value of the wrong type", managed("basic", "ns-test", "extraArgs: --thread-pool-size many", ""), "many"},
		{"a pause that is no number", managed("basic", "ns-test", "sleepDurationSecs: soon", ""), `sleepDurationSecs "soon" is no number of seconds`},
		{"a pause of nothing", managed("basic", "ns-test", "sleepDurationSecs: '0'", ""), "an interval of 0s is too short"},
		{"a cron expression with too few fields", managed("basic", "ns-test", "cron: '0 8 * *'", ""), `cron "0 8 * *"`},
		{"a time zone", managed("basic", "ns-test", "cron: 'CRON_TZ=Europe/Berlin 0 8 * * *'", ""), "leave out the time zone"},
		{"an environment that says yes", managed("basic", "ns-odd", "", ""), "the parameter DRY_RUN of the environment odd is yes"},
		{"a group that Kubernetes does not take", datafile("basic", "labels: {workerGroup: My Group}\n"), "the label workerGroup is My Group"},
		{
			"two namespaces for one schedule", datafile("basic", "managed:\n"+entry("ns-test", "", "")+entry("ns-dry", "", "")),
			"the schedule basic would be that of basic in the namespace ns-test of cluster-1 and basic in the namespace ns-dry of cluster-1: choose one with --environment-name",
		},
		{"an integration of ours that this program does not know", datafile("basics", "upstream: "+fleet.Upstream+"\n"), `there is no integration "basics"; did you mean basic?`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := planned(t, fleet.Options{}, tc.datafile, datafile("plain", ""))
			require.Len(t, f.Problems, 1)
			require.ErrorContains(t, f.Problems[0], "/integrations/a.yml")
			require.ErrorContains(t, f.Problems[0], tc.says)
			require.True(t, apierr.Is(f.Problems[0], apierr.Invalid))
			require.True(t, f.Troubled(f.Problems[0].Integration))
			require.False(t, f.Troubled("plain"))
			require.Len(t, f.Schedules, 1)
			require.Equal(t, "plain", f.Schedules[0].ID)
		})
	}
}
