package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/views"
)

// sampleFleet is a fleet in which something of everything goes on.
func sampleFleet() *views.Fleet {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	at := func(d time.Duration) *time.Time {
		moment := now.Add(d)
		return &moment
	}
	last := func(outcome string, changes int64, ended, took time.Duration) *views.Run {
		return &views.Run{Outcome: outcome, Changes: &changes, Started: now.Add(ended - took), Ended: at(ended), UI: "https://ui.example/last"}
	}
	failing := views.Unit{State: views.Failing, Since: at(-3 * time.Hour), Last: last("failed", 2, -5*time.Minute, 12*time.Second), Next: at(5 * time.Minute), Schedule: "every 10m"}
	paused := views.Unit{State: views.Paused, Last: last("clean", 0, -72*time.Hour, time.Second), Paused: true, PausedNote: "ann@laptop: the migration", Schedule: "calendar"}
	return &views.Fleet{
		At: now, UI: "https://ui.example/namespaces/default/workflows",
		Totals: views.Totals{Integrations: 6, Running: 1, Scheduled: 2, States: map[views.State]int{
			views.Stuck: 1, views.Failing: 1, views.Held: 1, views.Paused: 1, views.Never: 1, views.OK: 1,
		}},
		Integrations: []views.Integration{
			{
				Name: "aws-account-manager", Unit: views.Unit{State: views.Stuck, Since: at(-time.Hour)},
				Open: []views.Run{{WorkflowID: "aws-account-manager/payer-1/team-a", Outcome: "stuck", Started: now.Add(-time.Hour)}},
			},
			{Name: "openshift-saas-deploy-trigger-container-images", Unit: failing, Shards: []views.Shard{
				{ID: "openshift-saas-deploy-trigger-container-images-prod-1", Shard: "-prod-1", Unit: failing},
				{ID: "openshift-saas-deploy-trigger-container-images-prod-2", Shard: "-prod-2", Unit: views.Unit{State: views.OK}},
			}},
			{
				Name: "quay-membership", Unit: views.Unit{State: views.Held, Since: at(-50 * time.Minute), Last: last("held", 12, -4*time.Minute, 700*time.Millisecond), Next: at(-time.Second)},
				Held: []views.Approval{{Workflow: "approval/quay-membership/quay.io/example", Held: 12, Since: now.Add(-50 * time.Minute)}},
			},
			{Name: "openshift-users", Unit: paused},
			{Name: "vault-replication", Unit: views.Unit{State: views.Never}},
			{Name: "terraform-init", Unit: views.Unit{State: views.OK, Since: at(-30 * day), Last: last("applied", 1, -time.Minute, 200*time.Second), Running: &views.Run{Started: now.Add(-8 * time.Second), UI: "https://ui.example/now"}}},
		},
		Queues:  []views.Queue{{Name: "quay-membership", Workers: 2}, {Name: "act-quay"}, {Name: "act-vault", Unknown: true}},
		Strange: []string{"gone"},
	}
}

func TestTheStatusOnOnePage(t *testing.T) {
	lines := statusText{look{width: pageWidth}, sampleFleet()}.lines(0)
	require.Equal(t, strings.TrimPrefix(`
2026-01-02 03:04:05  6 integrations: 1 stuck, 1 failing, 1 held, 1 paused, 1 never, 1 ok; 1 running now, 2 scheduled
https://ui.example/namespaces/default/workflows

NAME                                        STATE    SINCE  LAST     CHANGES  AGO  TOOK   NEXT  NOW
aws-account-manager                         stuck    60m    -                 -    -      -
openshift-saas-deploy-trigger-container-im  failing  3h     failed   2        5m   12s    5m
ages
└ prod-1                                    failing  3h     failed   2        5m   12s    5m
quay-membership                             held     50m    held     12       4m   0.7s   now
openshift-users                             paused   -      clean    0        3d   1.0s   -
vault-replication                           never    -      -                 -    -      -
terraform-init                              ok       30d    applied  1        60s  3m20s  -     8.0s

aws-account-manager: is stuck, and no step has ended for 60m: starter watch aws-account-manager/payer-1/team-a
quay-membership: 12 changes held for 50m: starter approve quay-membership/quay.io/example
openshift-users: paused: ann@laptop: the migration
schedules of integrations that this program does not know: gone
workers: 1 of 3 queues have some; nobody works on act-quay; nothing is known of act-vault`, "\n"), strings.Join(lines, "\n"))
}

func TestTablesFitThePage(t *testing.T) {
	for _, page := range []int{pageWidth, 160} {
		for _, line := range (statusText{look{width: page, terminal: true, colour: true}, sampleFleet()}).rows() {
			require.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), page, line)
		}
	}
}

func TestOnATerminalThereAreColoursAndLinks(t *testing.T) {
	plain := strings.Join(statusText{look{width: pageWidth}, sampleFleet()}.rows(), "\n")
	require.NotContains(t, plain, "\x1b")
	linked := strings.Join(statusText{look{width: pageWidth, terminal: true}, sampleFleet()}.rows(), "\n")
	require.Contains(t, linked, "\x1b]8;;https://ui.example/now\x1b\\terraform-init\x1b]8;;\x1b\\", "what goes on comes before what was last")
	require.NotContains(t, linked, "\x1b[")
	require.Contains(t, strings.Join(statusText{look{width: pageWidth, terminal: true, colour: true}, sampleFleet()}.rows(), "\n"), "\x1b[31mfailing\x1b[0m")
}

func TestASmallScreenShowsWhatIsMostUrgent(t *testing.T) {
	lines := statusText{look{width: pageWidth}, sampleFleet()}.lines(12)
	require.LessOrEqual(t, len(lines), 12)
	picture := strings.Join(lines, "\n")
	require.Contains(t, picture, "aws-account-manager")
	require.Contains(t, picture, "1 failing")
	require.NotContains(t, picture, "terraform-init")
	require.Regexp(t, `… \d+ more, which are less urgent`, picture)
	require.Regexp(t, `… \d more notes`, picture)

	for height := 1; height < 30; height++ {
		require.LessOrEqual(t, len(statusText{look{width: pageWidth}, sampleFleet()}.lines(height)), max(height, 6), height)
	}
}

func TestNothingIsLikeThat(t *testing.T) {
	fleet := sampleFleet()
	fleet.Integrations = nil
	require.Contains(t, statusText{look{width: pageWidth}, fleet}.lines(0), "No integration is like that.")
}
