package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/workflows"
)

func TestMessages(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	run := workflows.Notice{
		Integration: "openshift-users", Of: workflows.Execution{WorkflowID: "openshift-users", RunID: "r1"}, At: at, Since: at.Add(-130 * time.Minute),
		Lines: []string{"prod-1: no <access> & no luck", "prod-2: a text\nof two lines"}, More: 3,
	}
	approval := workflows.Notice{
		Integration: "openshift-users", Scope: "prod-1", Of: workflows.Execution{WorkflowID: "approval/openshift-users/prod-1", RunID: "r2"}, At: at,
		Digest: "3f1c9a", Deadline: at.Add(24 * time.Hour), Lines: []string{"delete user a (too many)"}, More: 11, Decision: workflows.Decision{By: "ann@<host>", Comment: "why\nnot"},
	}
	with := func(n workflows.Notice, news workflows.News, state workflows.ApprovalState, reason string) workflows.Notice {
		n.News, n.State, n.Reason = news, state, reason
		return n
	}
	const failures = "\n• prod-1: no &lt;access&gt; &amp; no luck\n• prod-2: a text of two lines\n• … and 3 more"
	const subject = "*openshift-users* (<https://ui/r1|open>)"
	const asked = "*approval/openshift-users/prod-1* (<https://ui/r2|open>): held changes `3f1c9a` (12) "
	const choice = "\n• delete user a (too many)\n• … and 11 more" +
		"\nTo apply them: `starter approve 'openshift-users/prod-1' --digest 3f1c9a --comment '…'`" +
		"\nTo leave them: `starter reject 'openshift-users/prod-1' --digest 3f1c9a --comment '…'`"
	recovered := with(run, workflows.Recovered, "", "")
	recovered.Lines, recovered.More = nil, 0
	followed := workflows.Notice{
		Integration: "ocm-upgrade-scheduler-org", Scope: "acme", Key: "prod-1", At: at, Since: at.Add(-130 * time.Minute),
		Of: workflows.Execution{WorkflowID: "ocm-upgrade-scheduler-org/acme/prod-1", RunID: "r3"}, Lines: []string{"upgrade prod-1 to 4.16.2: 3 of 9 nodes"},
	}
	alone := with(approval, workflows.Asks, workflows.ApprovalWaiting, "")
	alone.Key = "a"
	for _, tc := range []struct {
		name   string
		notice workflows.Notice
		text   string
	}{
		{"a run that fails", with(run, workflows.Fails, "", ""), ":red_circle: " + subject + " fails" + failures},
		{"a run that still fails", with(run, workflows.StillFails, "", ""), ":red_circle: " + subject + " still fails, since 2026-11-23 11:55 UTC" + failures},
		{"a run that fails elsewhere too", with(run, workflows.FailsMore, "", ""), ":red_circle: " + subject + " fails in more scopes; it fails since 2026-11-23 11:55 UTC" + failures},
		{"a run that has recovered", recovered, ":large_green_circle: " + subject + " has recovered; it failed since 2026-11-23 11:55 UTC, for 2h10m0s"},
		{"changes that are held", with(approval, workflows.Asks, workflows.ApprovalWaiting, ""), ":raised_hand: " + asked + "wait for a decision until 2026-11-24 14:05 UTC" + choice},
		{"a request that expires", with(approval, workflows.ExpiresSoon, workflows.ApprovalWaiting, ""), ":hourglass: " + asked + "still wait for a decision, and the request expires at 2026-11-24 14:05 UTC" + choice},
		{"approved changes", with(approval, workflows.Decided, workflows.ApprovalApplied, ""), ":white_check_mark: " + asked + "are approved by ann@&lt;host&gt; and applied\n> why not"},
		{"refused changes", with(approval, workflows.Decided, workflows.ApprovalRefused, "no longer due"), ":warning: " + asked + "were approved by ann@&lt;host&gt; and are not applied\n> why not\n> no longer due"},
		{"changes that failed", with(approval, workflows.Decided, workflows.ApprovalFailed, "no access"), ":red_circle: " + asked + "were approved by ann@&lt;host&gt;, and applying them failed\n> why not\n> no access"},
		{"rejected changes", with(approval, workflows.Decided, workflows.ApprovalRejected, ""), ":no_entry: " + asked + "are rejected by ann@&lt;host&gt;\n> why not"},
		{"a change that takes too long", with(followed, workflows.Late, "", ""), ":turtle: *ocm-upgrade-scheduler-org/acme/prod-1* (<https://ui/r3|open>) takes longer than it should; it stands as it does since 2026-11-23 11:55 UTC\n• upgrade prod-1 to 4.16.2: 3 of 9 nodes"},
		{"a change that nobody follows any more", with(followed, workflows.Unfinished, "", ""), ":red_circle: *ocm-upgrade-scheduler-org/acme/prod-1* (<https://ui/r3|open>) could not be followed to its end\n• upgrade prod-1 to 4.16.2: 3 of 9 nodes"},
		{"a change that is approved by itself", alone, ":raised_hand: *approval/openshift-users/prod-1* (<https://ui/r2|open>): held changes `3f1c9a` (12) wait for a decision until 2026-11-24 14:05 UTC\n• delete user a (too many)\n• … and 11 more" +
			"\nTo apply them: `starter approve 'openshift-users/prod-1/a' --digest 3f1c9a --comment '…'`\nTo leave them: `starter reject 'openshift-users/prod-1/a' --digest 3f1c9a --comment '…'`"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.text, message(tc.notice, "https://ui/"+tc.notice.Of.RunID))
		})
	}
	require.Equal(t, ":large_green_circle: *openshift-users* has recovered; it failed since 2026-11-23 11:55 UTC, for 2h10m0s", message(recovered, ""), "without a user interface there is no link")
	approval.Decision = workflows.Decision{}
	require.Contains(t, message(with(approval, workflows.Decided, workflows.ApprovalExpired, ""), ""), "were decided by nobody")
}
