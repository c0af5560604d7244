package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

func unmarshalled[T any](t *testing.T, a answer) T {
	t.Helper()
	var value T
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &value), a.stdout)
	return value
}

// await tries until it is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal("it does not come to be as it should within a minute")
		}
	}
}

func TestWhatTheOperatorSees(t *testing.T) {
	_, address, _ := estate(t)
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	all := len(registry.All())
	systems := map[reconcile.System]bool{}
	for _, d := range registry.All() {
		systems[d.System()] = true
	}
	run := func(t *testing.T, args ...string) answer {
		t.Helper()
		return starter(t, append(args, address, "--ui-url", "https://ui.example")...)
	}
	held := run(t, "run", "--integration", "quay-membership")
	require.Equal(t, exitHeld, held.code, held.stderr)
	require.Contains(t, held.stdout, "https://ui.example/namespaces/default/workflows/quay-membership/")
	require.Equal(t, exitFailure, run(t, "run", "--integration", "service-dependencies").code)
	c := leaktest.New(t).Connect(t, connect.Options{Address: strings.TrimPrefix(address, "--address=")})
	_, err = c.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: "vault-replication", Paused: true, Note: "ann@laptop: the migration",
		Memo:   map[string]any{"managedBy": "qontract-temporal", "integration": "vault-replication", "shard": "", "digest": "d"},
		Spec:   client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 10 * time.Minute}}},
		Action: &client.ScheduleWorkflowAction{ID: "vault-replication", Workflow: workflows.ScheduledType, TaskQueue: "vault-replication"},
	})
	require.NoError(t, err)
	await(t, func() bool {
		fleet := unmarshalled[views.Fleet](t, run(t, "status", "-o", "json"))
		return fleet.Totals.States[views.Held] == 1 && fleet.Totals.States[views.Failing] == 1 && fleet.Totals.States[views.Paused] == 1
	})

	t.Run("the status of the fleet", func(t *testing.T) {
		a := run(t, "status")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Contains(t, a.stdout, fmt.Sprintf("%d integrations: 1 failing, 1 held, 1 paused, %d never; 0 running now, 1 scheduled", all, all-3))
		require.Regexp(t, `(?m)^service-dependencies +failing +>\d+s +invalid +0 +\d+s +\d`, a.stdout)
		require.Regexp(t, `(?m)^quay-membership +held +\d+s +held +13 +\d+s +\d`, a.stdout)
		require.Regexp(t, `(?m)^quay-membership: 12 changes held for \d+s: starter approve quay-membership/quay.io/example$`, a.stdout)
		require.Contains(t, a.stdout, "vault-replication: paused: ann@laptop: the migration")
		require.Contains(t, a.stdout, fmt.Sprintf("workers: %[1]d of %[1]d queues have some", all+len(systems)))
		require.NotContains(t, a.stdout, "\x1b", "it is no terminal")
	})
	t.Run("what is failing", func(t *testing.T) {
		fleet := unmarshalled[views.Fleet](t, run(t, "status", "--failing", "-o", "json"))
		require.Len(t, fleet.Integrations, 1)
		require.Equal(t, "service-dependencies", fleet.Integrations[0].Name)
		require.Equal(t, all, fleet.Totals.Integrations, "the totals are those of all")
		require.Contains(t, fleet.Integrations[0].Last.UI, "https://ui.example/namespaces/default/workflows/service-dependencies/")
	})
	t.Run("what is held or stuck", func(t *testing.T) {
		fleet := unmarshalled[views.Fleet](t, run(t, "status", "--held", "--stuck", "-o", "json"))
		require.Len(t, fleet.Integrations, 1)
		require.Equal(t, 12, fleet.Integrations[0].Held[0].Held)
		require.Contains(t, run(t, "status", "--stuck").stdout, "No integration is like that.")
	})
	t.Run("some integrations", func(t *testing.T) {
		fleet := unmarshalled[views.Fleet](t, run(t, "status", "openshift-*", "!openshift-limitranges", "-o", "json"))
		require.NotEmpty(t, fleet.Integrations)
		for _, one := range fleet.Integrations {
			require.Regexp(t, "^openshift-", one.Name)
			require.NotEqual(t, "openshift-limitranges", one.Name)
		}
		require.Empty(t, fleet.Strange, "the schedules of the others are known all the same")
	})
	t.Run("the list", func(t *testing.T) {
		a := run(t, "list")
		require.Regexp(t, `(?m)^quay-membership +none +held +held +\d+s +- +12$`, a.stdout)
		require.Regexp(t, `(?m)^vault-replication +every 10m +paused +- +- +-$`, a.stdout)
		listed := unmarshalled[[]listedIntegration](t, run(t, "list", "-o", "json"))
		require.Len(t, listed, all)
		for _, one := range listed {
			require.NotNil(t, one.Status, one.Name)
			require.NotEmpty(t, one.Summary)
		}
		require.NotContains(t, run(t, "list", "-o", "json", "--static").stdout, "status")
		require.Contains(t, run(t, "list", "--static").stdout, "SUMMARY")
	})
	t.Run("the runs", func(t *testing.T) {
		a := run(t, "runs")
		require.Regexp(t, `(?m)^service-dependencies +invalid +0 +\d+s +\d+\.\ds +[0-9a-f-]{36}$`, a.stdout)
		require.Regexp(t, `(?m)^quay-membership +held +13 +\d+s`, a.stdout)
		runs := unmarshalled[[]views.Run](t, run(t, "runs", "--integration", "quay-*", "--since", "1h", "--outcome", "held,failed", "-o", "json"))
		require.Len(t, runs, 1)
		require.Equal(t, "quay-membership", runs[0].WorkflowID)
		require.Equal(t, "[]\n", run(t, "runs", "--outcome", "stuck", "-o", "json").stdout)
		require.Equal(t, "Temporal keeps no such run.\n", run(t, "runs", "--outcome", "stuck").stdout)
		require.Contains(t, run(t, "runs", "-n", "1").stdout, "There are more; `-n 4` shows them.")
		require.Contains(t, run(t, "runs", "--scope", "quay.io/example").stdout, "quay-membership/quay.io/example")
	})
	t.Run("one run, and who decided on what it held", func(t *testing.T) {
		before := run(t, "show", "quay-membership")
		require.Contains(t, before.stdout, "quay-membership: held, 1 created, 0 updated, 0 deleted, 12 held\n")
		require.Regexp(t, `(?m)^started +\S+ \S+ by \S+@\S+$`, before.stdout)
		require.Contains(t, before.stdout, "create membership of ann in team devs")
		require.Contains(t, before.stdout, "Decide with `starter approve quay-membership/quay.io/example`")
		require.Contains(t, run(t, "show", "service-dependencies").stdout, "has missing dependencies: quay")

		require.Equal(t, exitSuccess, run(t, "approve", "quay-membership/quay.io/example", "--by", "dana", "--comment", "they have left").code)
		await(t, func() bool {
			return strings.Contains(run(t, "show", "quay-membership").stdout, "dana")
		})
		after := run(t, "show", "quay-membership")
		require.Regexp(t, `(?m)^quay-membership/quay.io/example +applied +dana +they have left`, after.stdout)
		require.NotContains(t, after.stdout, "Decide with")
		for _, line := range strings.Split(after.stdout, "\n") {
			if !strings.HasPrefix(line, "page ") {
				require.LessOrEqual(t, len([]rune(line)), pageWidth, line)
			}
		}
		decision := run(t, "show", "approval/quay-membership/quay.io/example").stdout
		require.Contains(t, decision, "quay-membership: applied, 12 held changes\n")
		applied := unmarshalled[views.Detail](t, run(t, "show", "quay-membership/quay.io/example", "-o", "json"))
		require.Equal(t, workflows.Success, applied.Result.Outcome)
		require.Len(t, applied.Result.Changes, 12)
		require.Equal(t, "dana", applied.Approved.By)
		markdown := run(t, "show", "approval/quay-membership/quay.io/example/run", "-o", "markdown").stdout
		require.Contains(t, markdown, "### quay-membership: applied, 0 created, 0 updated, 12 deleted\n")
		require.Contains(t, markdown, "- **approved**: by dana: they have left\n")
		require.Contains(t, markdown, "| quay.io/example | delete membership of u01 in team devs of quay.io/example | applied |")

		earlier := unmarshalled[views.Detail](t, run(t, "show", "quay-membership", "-o", "json"))
		same := unmarshalled[views.Detail](t, run(t, "show", "quay-membership", earlier.RunID, "-o", "json"))
		require.Equal(t, earlier, same)
	})
	t.Run("a run that there is not", func(t *testing.T) {
		a := run(t, "show", "nothing")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, `there is no run of the workflow "nothing": `)
	})
}

func TestTheListWithoutTemporal(t *testing.T) {
	a := starter(t, "list", "--address", "127.0.0.1:1")
	require.Equal(t, exitSuccess, a.code)
	require.Contains(t, a.stdout, "SUMMARY")
	require.Regexp(t, `^Without last and next runs: cannot reach Temporal at 127.0.0.1:1: [^\n]*\n$`, a.stderr)
}

func TestTheListIsShownWhereTemporalIsSilent(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, silent.Close()) }()
	a := starter(t, "list", "--address", silent.Addr().String())
	require.Equal(t, exitSuccess, a.code)
	require.Contains(t, a.stdout, "SUMMARY")
	require.Contains(t, a.stderr, "cannot reach Temporal at "+silent.Addr().String())
}
