package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// NotificationType is the workflow type that sends a Notice to people.
const NotificationType = "notification"

// News is what people are told.
type News string

// The news of scheduled runs, of approvals and of changes that are followed.
const (
	Fails      News = "fails"
	StillFails News = "still-fails"
	// FailsMore is that scopes fail which did not before.
	FailsMore   News = "fails-more"
	Recovered   News = "recovered"
	Asks        News = "asks"
	ExpiresSoon News = "expires-soon"
	Decided     News = "decided"
	// Late is that a change takes longer than it should, and Unfinished that nobody follows it any more.
	Late       News = "late"
	Unfinished News = "unfinished"
)

// Notice is what people are told, short enough for a message.
type Notice struct {
	News        News   `json:"news"`
	Integration string `json:"integration"`
	// Scope and Key are those of an approval, or of a change that is followed.
	Scope string `json:"scope,omitempty"`
	Key   string `json:"key,omitempty"`
	// Of is the run or the approval.
	Of Execution `json:"of"`
	// Since is when runs began to fail.
	Since time.Time `json:"since,omitzero"`
	// At is when this happened.
	At time.Time `json:"at"`
	// Lines name what failed, or what is held, and More is how many are not among them.
	Lines []string `json:"lines,omitempty"`
	More  int      `json:"more,omitempty"`
	// State, Digest, Deadline, Decision and Reason are those of the approval.
	State    ApprovalState `json:"state,omitempty"`
	Digest   string        `json:"digest,omitempty"`
	Deadline time.Time     `json:"deadline,omitzero"`
	Decision Decision      `json:"decision,omitzero"`
	Reason   string        `json:"reason,omitempty"`
}

const (
	// mostLines and longestLine bound the lines of a notice.
	mostLines   = 10
	longestLine = 300
)

// list fills in the lines.
func (n *Notice) list(lines []string) {
	n.More = max(0, len(lines)-mostLines)
	for _, line := range lines[:min(mostLines, len(lines))] {
		n.Lines = append(n.Lines, clip(line))
	}
}

// clip shortens a text to the longest line.
func clip(text string) string {
	runes := []rune(text)
	if len(runes) <= longestLine {
		return text
	}
	return string(runes[:longestLine-1]) + "…"
}

const (
	// longestNotice is how long a notice is tried to be sent.
	longestNotice = time.Hour
	// noticeRetry is the pause before the first retry: what keeps a notice from being sent takes longer than a moment.
	noticeRetry = time.Minute
)

// Notify is the workflow that sends a notice. Nobody waits for it, and it fails where the notice cannot be sent.
func (s Spec) Notify(ctx workflow.Context, n Notice) error {
	options := s.options("tell people: " + string(n.News))
	options.ScheduleToCloseTimeout = longestNotice
	options.RetryPolicy.InitialInterval = cmp.Or(s.FirstRetry, noticeRetry)
	options.RetryPolicy.MaximumInterval = longestNotice / 4
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), Activity(s.Name, StepNotify), n).Get(ctx, nil)
}

// send starts the workflow that sends the notice, and goes on. That it cannot be started is logged, and no reason to fail.
func (n Notice) send(ctx workflow.Context) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:               workflowID(NotificationType, n.Of.WorkflowID, string(n.News), n.Of.RunID),
		WorkflowExecutionTimeout: 2 * longestNotice,
		ParentClosePolicy:        enums.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:            string(n.News) + ": " + n.Of.WorkflowID,
	})
	if err := workflow.ExecuteChildWorkflow(ctx, NotificationType, n).GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Error("people are not told", "news", n.News, "error", err)
	}
}

func thisExecution(ctx workflow.Context) Execution {
	execution := workflow.GetInfo(ctx).WorkflowExecution
	return Execution{WorkflowID: execution.ID, RunID: execution.RunID}
}

// tell lets people know where scheduled runs begin to fail, go on to, or no longer do. A run that a person starts tells
// nobody, since that person sees it, and it may cover a part only; it hands on what people know.
func (r *run) tell(ctx workflow.Context) error {
	if r.in.DryRun || r.in.Scope != nil || r.in.Approved != nil || ctx.Err() != nil {
		return nil
	}
	if r.unopened {
		if err := r.step(ctx, StepStanding, "look up what people know", &r.standing); err != nil {
			workflow.GetLogger(ctx).Warn("it is not known what people know; they are told nothing", "error", err)
			return nil
		}
	}
	if r.standing == nil {
		return nil
	}
	standing := *r.standing
	if workflow.GetInfo(ctx).ParentWorkflowExecution != nil {
		var news News
		now := workflow.Now(ctx)
		if standing, news = r.standing.after(r.result, now); news != "" {
			r.notice(ctx, news, now).send(ctx)
		}
	}
	if !standing.failing() {
		return nil
	}
	return workflow.UpsertMemo(ctx, map[string]any{MemoStanding: standing})
}

func (r *run) notice(ctx workflow.Context, news News, now time.Time) Notice {
	n := Notice{News: news, Integration: r.spec.Name, Of: thisExecution(ctx), At: now, Since: cmp.Or(r.standing.Since, now)}
	var lines []string
	for _, failure := range r.result.Errors {
		lines = append(lines, failure.String())
	}
	for _, finding := range r.result.Findings {
		if finding.Severity == plan.SeverityError {
			lines = append(lines, Failure{Scope: finding.Scope, Message: finding.Subject + ": " + finding.Message}.String())
		}
	}
	n.list(lines)
	return n
}

// remindBefore is the part of an approval's time that is left when people are reminded: a day of seven.
const remindBefore = 7

// remindDaily is the change by which people are reminded each day of what waits for an approval of its own, and no longer
// only before that expires.
const remindDaily = "remind-daily"

// remind tells people in time that the approval expires. A change with an approval of its own holds somebody up, who waits
// for it: of such a one they are reminded each day.
func (a *approval) remind(ctx workflow.Context, deadline time.Duration) {
	if !a.request.Notify {
		return
	}
	workflow.GoNamed(ctx, "remind", func(ctx workflow.Context) {
		pause, times := deadline-deadline/remindBefore, 1
		if a.request.Key != "" && workflow.GetVersion(ctx, remindDaily, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
			pause, times = deadline/remindBefore, remindBefore-1
		}
		for range times {
			if workflow.Sleep(ctx, pause) != nil || a.shown.State != ApprovalWaiting || a.next != nil {
				return
			}
			a.tell(ctx, ExpiresSoon)
		}
	})
}

// tell lets people know where the approval stands.
func (a *approval) tell(ctx workflow.Context, news News) {
	if !a.request.Notify {
		return
	}
	n := Notice{
		News: news, Integration: a.request.Integration, Scope: a.request.Scope, Key: a.request.Key, Of: thisExecution(ctx), At: workflow.Now(ctx),
		State: a.shown.State, Digest: short(a.request.Digest), Deadline: a.shown.Deadline, Decision: a.shown.Decision, Reason: clip(a.shown.Reason),
	}
	n.Decision.Comment = clip(n.Decision.Comment)
	var lines []string
	for _, held := range a.request.Held {
		lines = append(lines, held.Summary+" ("+held.Guard+")")
	}
	n.list(lines)
	n.send(ctx)
}
