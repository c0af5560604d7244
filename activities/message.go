package activities

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/workflows"
)

// message is a notice as people read it in Slack. The texts of errors and of people are shown as they are.
func message(n workflows.Notice, link string) string {
	subject := linked(n.Of.WorkflowID, link)
	var b strings.Builder
	switch n.News {
	case workflows.Fails:
		b.WriteString(":red_circle: " + subject + " fails")
	case workflows.StillFails:
		b.WriteString(":red_circle: " + subject + " still fails, since " + moment(n.Since))
	case workflows.FailsMore:
		b.WriteString(":red_circle: " + subject + " fails in more scopes; it fails since " + moment(n.Since))
	case workflows.Recovered:
		b.WriteString(":large_green_circle: " + subject + " has recovered; it failed since " + moment(n.Since) + ", for " + n.At.Sub(n.Since).Round(time.Minute).String())
	case workflows.Asks:
		b.WriteString(":raised_hand: " + subject + fmt.Sprintf(": %s until %s", held(n, "wait for a decision"), moment(n.Deadline)))
	case workflows.ExpiresSoon:
		b.WriteString(":hourglass: " + subject + fmt.Sprintf(": %s, and the request expires at %s", held(n, "still wait for a decision"), moment(n.Deadline)))
	case workflows.Late:
		b.WriteString(":turtle: " + subject + " takes longer than it should; it stands as it does since " + moment(n.Since))
	case workflows.Unfinished:
		b.WriteString(":red_circle: " + subject + " could not be followed to its end")
	case workflows.Decided:
		return decided(n, subject)
	}
	for _, line := range n.Lines {
		b.WriteString("\n• " + slackapi.Escape(strings.Join(strings.Fields(line), " ")))
	}
	if n.More > 0 {
		fmt.Fprintf(&b, "\n• … and %d more", n.More)
	}
	if n.News == workflows.Asks || n.News == workflows.ExpiresSoon {
		scope := slackapi.Escape(approvalName(n))
		fmt.Fprintf(&b, "\nTo apply them: `starter approve '%s' --digest %s --comment '…'`\nTo leave them: `starter reject '%s' --digest %s --comment '…'`", scope, n.Digest, scope, n.Digest)
	}
	return b.String()
}

func decided(n workflows.Notice, subject string) string {
	by := slackapi.Escape(cmp.Or(n.Decision.By, "somebody"))
	icon, what := ":white_check_mark:", ""
	switch n.State {
	case workflows.ApprovalApplied:
		what = held(n, "are approved by "+by+" and applied")
	case workflows.ApprovalRefused:
		icon, what = ":warning:", held(n, "were approved by "+by+" and are not applied")
	case workflows.ApprovalFailed:
		icon, what = ":red_circle:", held(n, "were approved by "+by+", and applying them failed")
	case workflows.ApprovalRejected:
		icon, what = ":no_entry:", held(n, "are rejected by "+by)
	case workflows.ApprovalExpired:
		icon, what = ":hourglass:", held(n, "were decided by nobody; a later run that finds them asks again")
	case workflows.ApprovalWaiting, workflows.ApprovalApproved, workflows.ApprovalSuperseded:
		what = held(n, "are "+string(n.State))
	}
	text := icon + " " + subject + ": " + what
	for _, more := range []string{n.Decision.Comment, n.Reason} {
		if more != "" {
			text += "\n> " + slackapi.Escape(strings.Join(strings.Fields(more), " "))
		}
	}
	return text
}

func held(n workflows.Notice, what string) string {
	return fmt.Sprintf("held changes `%s` (%d) %s", n.Digest, len(n.Lines)+n.More, what)
}

func linked(text, link string) string {
	text = "*" + slackapi.Escape(text) + "*"
	if link == "" {
		return text
	}
	return text + " (<" + link + "|open>)"
}

// moment is a time as everybody reads it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// approvalName is what people call an approval by.
func approvalName(n workflows.Notice) string {
	return strings.TrimPrefix(workflows.ApprovalID(n.Integration, n.Scope, n.Key), workflows.ApprovalType+"/")
}
