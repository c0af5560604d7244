package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/fleet"
)

func TestChanges(t *testing.T) {
	f := planned(t, fleet.Options{},
		datafile("plain", ""),
		managed("basic", "ns-test", "sleepDurationSecs: '60'", ""),
		managed("by-zone", "ns-test", "", "strategy: static, shards: 2"),
		managed("by-cluster", "ns-test", "", "strategy: per-openshift-cluster, shardSpecOverrides: [{shard: {$ref: /cluster-1.yml}, disabled: true}]"),
	)
	live := func(id, integration string) fleet.Schedule { return fleet.Schedule{ID: id, Integration: integration} }
	basic := live("basic", "basic")
	basic.Timing, basic.CatchUp, basic.Queue = fleet.Timing{Every: time.Hour}, 10*time.Minute, "basic"
	changes, kept := f.Changes([]fleet.Schedule{
		basic, live("by-zone-7", "by-zone"), live("by-cluster-cluster-1", "by-cluster"), live("by-cluster-cluster-9", "by-cluster"), live("gone", "gone"),
	})
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.String())
	}
	require.Equal(t, []string{
		"update schedule basic: every 1h -> every 1m",
		"delete schedule by-cluster-cluster-1: its datafile disables the shard",
		"create schedule by-cluster-cluster-2: every 10m; --cluster-name=cluster-2",
		"delete schedule by-cluster-cluster-9: its integration no longer has this shard",
		"delete schedule gone: this program has no integration gone",
		"create schedule plain: every 10m",
	}, lines)
	require.Equal(t, []fleet.Kept{{ID: "by-zone-7", Integration: "by-zone"}}, kept)
}
