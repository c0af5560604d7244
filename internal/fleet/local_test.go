package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestTheLocalFileWins(t *testing.T) {
	data := []string{
		managed("basic", "ns-test", "extraArgs: --thread-pool-size 5, sleepDurationSecs: '60'", "strategy: static, shards: 2"),
		managed("plain", "ns-dry", "cron: '@daily'", ""),
	}
	local, err := fleet.ParseLocal([]byte(`
integrations:
  basic: {every: 1h, args: [--tag, k=v], jitter: 30s, paused: the estate moves}
  plain:
    cron: "0 6 * * *"
    catchUp: 2h
    dryRun: false
`), registry(t))
	require.NoError(t, err)
	f := planned(t, fleet.Options{Local: local}, data...)
	require.Empty(t, f.Problems)
	require.Len(t, f.Schedules, 3)
	require.Equal(t, fleet.Schedule{
		ID: "basic-1", Integration: "basic", Shard: "1", Timing: fleet.Timing{Every: time.Hour}, Offset: reconcile.Offset("basic-1", time.Hour),
		Jitter: 30 * time.Second, CatchUp: time.Hour, Queue: "basic", Args: plan.Args{"tag": {"k=v"}, "shards": {"2"}, "shard-id": {"1"}},
		Pause: &fleet.Pause{By: fleet.ConfiguredPause, Reason: "the estate moves"},
	}, f.Schedules[1])
	require.Equal(t, fleet.Schedule{
		ID: "plain", Integration: "plain", Timing: fleet.Timing{Cron: "0 6 * * *"}, Offset: reconcile.Offset("plain", time.Minute),
		CatchUp: 2 * time.Hour, Queue: "plain", Args: plan.Args{},
	}, f.Schedules[2])
}

func TestNoArgsInTheLocalFileTakeThoseOfTheDatafileAway(t *testing.T) {
	local, err := fleet.ParseLocal([]byte("integrations: {basic: {args: []}}"), registry(t))
	require.NoError(t, err)
	f := planned(t, fleet.Options{Local: local}, managed("basic", "ns-test", "extraArgs: --thread-pool-size 5", ""))
	require.Equal(t, plan.Args{}, f.Schedules[0].Args)
}

func TestAMistakeInTheLocalFileNamesItsLine(t *testing.T) {
	for _, tc := range []struct{ name, text, says string }{
		{"an unknown key at the top", "integration: {}", `line 1: unknown key "integration"; did you mean integrations?`},
		{"an unknown integration", "integrations:\n  basics: {every: 5m}", `line 2: there is no integration "basics"; did you mean basic?`},
		{"an unknown key", "integrations:\n  basic:\n    jittr: 5m", `line 3: unknown key "jittr"; did you mean jitter?`},
		{"a key twice", "integrations:\n  basic:\n    every: 5m\n    every: 6m", `line 4: "every" stands there twice`},
		{"no duration", "integrations:\n  basic: {every: 5}", `line 2: every of basic: "5" is no duration such as 90s, 10m or 6h`},
		{"an interval that is too short", "integrations:\n  basic: {every: 5ms}", "an interval of 5ms is too short"},
		{"both timings", "integrations:\n  basic: {every: 5m, cron: '@daily'}", "line 2: basic has both every and cron"},
		{"a cron expression with a mistake", "integrations:\n  basic: {cron: '61 * * * *'}", `line 2: cron of basic: cron "61 * * * *"`},
		{"an interval as a cron expression", "integrations:\n  basic: {cron: '@every 1h'}", "give an interval as such"},
		{"an unknown flag", "integrations:\n  plain: {args: [--tag=x]}", "line 2: args of plain: plain has no flag --tag"},
		{"a pause without a reason", "integrations:\n  basic: {paused: true}", "line 2: paused of basic: say why, in words"},
		{"a negative jitter", "integrations:\n  basic: {jitter: -1s}", "-1s is negative"},
		{"a list", "integrations: [basic]", "line 1: expected keys with values"},
		{"several at once", "integrations:\n  basics: {}\n  plain: {evry: 5m}", `line 3: unknown key "evry"; did you mean every?`},
		{"no YAML", "integrations: {", "line 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := fleet.ParseLocal([]byte(tc.text), registry(t))
			require.ErrorContains(t, err, tc.says)
			require.True(t, apierr.Is(err, apierr.Invalid))
		})
	}
}

func TestAnEmptyLocalFileSaysNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "integrations:\n", "integrations: {basic: }"} {
		local, err := fleet.ParseLocal([]byte(text), registry(t))
		require.NoError(t, err)
		f := planned(t, fleet.Options{Local: local}, datafile("basic", ""))
		require.Equal(t, "every 10m", f.Schedules[0].Timing.String())
	}
}
