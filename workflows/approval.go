package workflows

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// ApprovalType is the workflow type of an approval.
const ApprovalType = "approval"

// The messages of an approval. Approve and reject are updates, and signals too, so that Temporal's own tools do.
const (
	ApproveMessage = "approve"
	RejectMessage  = "reject"
	ApprovalQuery  = "approval"
	// OfferSignal tells an approval what is held now, as an ApprovalRequest.
	OfferSignal = "offer"
)

// approvalDeadline is how long held changes wait for a person.
const approvalDeadline = 7 * 24 * time.Hour

// ApprovalID is the workflow ID of the approval of a scope's held changes, or of the one with the key where a person
// approves it by itself. Scope is "" for an integration that is not split. There is one at a time.
func ApprovalID(integration, scope, key string) string {
	parts := []string{ApprovalType, integration}
	for _, part := range []string{scope, key} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return workflowID(parts...)
}

// ApprovalRequest says what is held.
type ApprovalRequest struct {
	Integration string `json:"integration"`
	Scope       string `json:"scope"`
	// Key is that of a change that is approved by itself.
	Key string `json:"key,omitempty"`
	// Digest identifies the held changes.
	Digest string       `json:"digest"`
	Held   []HeldChange `json:"held"`
	// Input is that of the run that found them; the approved run has the same flags.
	Input Input `json:"input"`
	// Searchable says that the server knows the search attributes.
	Searchable bool `json:"searchable,omitempty"`
	// Notify says that people are told of the request.
	Notify bool `json:"notify,omitempty"`
}

func (r ApprovalRequest) id() string { return ApprovalID(r.Integration, r.Scope, r.Key) }

// Decision is what a person says to held changes.
type Decision struct {
	// Digest is that of the changes that the person saw; "" stands for whatever the approval shows.
	Digest  string `json:"digest,omitempty"`
	By      string `json:"by,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// ApprovalState says where an approval stands.
type ApprovalState string

// The states of an approval.
const (
	ApprovalWaiting    ApprovalState = "waiting"
	ApprovalApproved   ApprovalState = "approved"
	ApprovalApplied    ApprovalState = "applied"
	ApprovalRefused    ApprovalState = "refused"
	ApprovalFailed     ApprovalState = "failed"
	ApprovalRejected   ApprovalState = "rejected"
	ApprovalExpired    ApprovalState = "expired"
	ApprovalSuperseded ApprovalState = "superseded"
)

// Approval is the answer of the query and the result of the workflow.
type Approval struct {
	Integration string        `json:"integration"`
	Scope       string        `json:"scope"`
	Digest      string        `json:"digest"`
	Held        []HeldChange  `json:"held"`
	State       ApprovalState `json:"state"`
	Decision    Decision      `json:"decision"`
	// Reason says why an approved run was refused or failed.
	Reason string `json:"reason,omitempty"`
	// Deadline is when the request expires.
	Deadline time.Time `json:"deadline"`
}

// Approve is the workflow that waits for a person's decision on held changes, and carries it out: the approved run
// reads everything anew, and applies the changes only if they are still the approved ones.
func (s Spec) Approve(ctx workflow.Context, request ApprovalRequest) (*Approval, error) {
	deadline := cmp.Or(s.ApprovalDeadline, approvalDeadline)
	a := &approval{spec: s, request: request, shown: Approval{
		Integration: request.Integration, Scope: request.Scope, Digest: request.Digest, Held: request.Held,
		State: ApprovalWaiting, Deadline: workflow.Now(ctx).Add(deadline),
	}}
	if err := a.listen(ctx); err != nil {
		return nil, err
	}
	if err := a.show(ctx); err != nil {
		return nil, err
	}
	a.tell(ctx, Asks)
	a.remind(ctx, deadline)
	expired, err := workflow.AwaitWithTimeout(ctx, deadline, func() bool { return a.shown.State != ApprovalWaiting || a.next != nil })
	switch {
	case err != nil:
		return nil, err
	case !expired:
		a.shown.State = ApprovalExpired
	case a.shown.State == ApprovalApproved:
		if err := a.show(ctx); err != nil {
			return nil, err
		}
		a.apply(ctx)
	case a.shown.State == ApprovalWaiting:
		a.shown.State = ApprovalSuperseded
	}
	if err := a.show(ctx); err != nil {
		return nil, err
	}
	if a.next == nil {
		a.tell(ctx, Decided)
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return nil, err
	}
	if a.next != nil {
		return nil, workflow.NewContinueAsNewError(ctx, ApprovalType, *a.next)
	}
	return &a.shown, nil
}

// approval is the state of one.
type approval struct {
	spec    Spec
	request ApprovalRequest
	shown   Approval
	// next is what is held now, where that is something else.
	next *ApprovalRequest
}

// listen takes messages.
func (a *approval) listen(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, ApprovalQuery, func() (Approval, error) { return a.shown, nil }); err != nil {
		return err
	}
	for _, m := range []struct {
		name  string
		state ApprovalState
	}{{ApproveMessage, ApprovalApproved}, {RejectMessage, ApprovalRejected}} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, m.name,
			func(_ workflow.Context, d Decision) (Approval, error) {
				a.decide(m.state, d)
				return a.shown, nil
			},
			workflow.UpdateHandlerOptions{Validator: func(d Decision) error { return a.admit(d) }})
		if err != nil {
			return err
		}
		signals := workflow.GetSignalChannel(ctx, m.name)
		workflow.GoNamed(ctx, m.name, func(ctx workflow.Context) {
			for {
				var d Decision
				if more := signals.Receive(ctx, &d); !more {
					return
				}
				if a.admit(d) == nil {
					a.decide(m.state, d)
				}
			}
		})
	}
	offers := workflow.GetSignalChannel(ctx, OfferSignal)
	workflow.GoNamed(ctx, OfferSignal, func(ctx workflow.Context) {
		for {
			var offer ApprovalRequest
			if more := offers.Receive(ctx, &offer); !more {
				return
			}
			if offer.Digest != a.request.Digest {
				a.next = &offer
			}
		}
	})
	return nil
}

// admit says why a decision cannot be taken.
func (a *approval) admit(d Decision) error {
	if a.shown.State != ApprovalWaiting {
		return fmt.Errorf("it is decided already: %s", a.shown.State)
	}
	if d.Digest != "" && !strings.HasPrefix(a.request.Digest, d.Digest) {
		return fmt.Errorf("what is held has the digest %s, not %s: look at it again", short(a.request.Digest), d.Digest)
	}
	return nil
}

func (a *approval) decide(state ApprovalState, d Decision) {
	d.Digest = a.request.Digest
	a.shown.State, a.shown.Decision = state, d
}

// scopeBusyWait and scopeBusyTries bound how long an approved run waits for another run to leave the scope.
const (
	scopeBusyWait  = time.Minute
	scopeBusyTries = 60
)

// apply runs the integration for the approved changes alone. While another run has the scope it is tried again.
func (a *approval) apply(ctx workflow.Context) {
	in := a.request.Input
	in.Approved = &ApprovedChanges{Scope: a.request.Scope, Key: a.request.Key, Digest: a.request.Digest, Decision: a.shown.Decision}
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:               workflowID(workflow.GetInfo(ctx).WorkflowExecution.ID, "run"),
		WorkflowExecutionTimeout: LongestRun,
		StaticSummary:            "approved by " + a.shown.Decision.By,
	})
	for try := 1; ; try++ {
		err := workflow.ExecuteChildWorkflow(ctx, a.spec.Name, in).Get(ctx, nil)
		if err == nil {
			a.shown.State = ApprovalApplied
			return
		}
		failure := failureOf("", err)
		if failed := ResultOf(err); failed != nil && len(failed.Errors) > 0 {
			failure = failed.Errors[0]
		}
		a.shown.State, a.shown.Reason = ApprovalFailed, failure.String()
		if failure.Kind == guardKind {
			a.shown.State = ApprovalRefused
		}
		if failure.Kind != conflictKind || try == scopeBusyTries || workflow.Sleep(ctx, scopeBusyWait) != nil {
			return
		}
	}
}

// The fields of an approval's memo.
const (
	MemoState   = "state"
	MemoDigest  = "digest"
	MemoHeld    = "held"
	MemoBy      = "by"
	MemoComment = "comment"
	MemoReason  = "reason"
)

// show puts the state where people see it: the current details, the memo, which lists show, and the search attributes.
func (a *approval) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, a.markdown())
	if a.request.Searchable {
		err := workflow.UpsertTypedSearchAttributes(ctx, integrationAttribute.ValueSet(a.request.Integration),
			scopeAttribute.ValueSet(a.request.Scope), outcomeAttribute.ValueSet(string(a.shown.State)))
		if err != nil {
			return err
		}
	}
	return workflow.UpsertMemo(ctx, map[string]any{
		MemoState: string(a.shown.State), MemoDigest: a.request.Digest, MemoHeld: len(a.request.Held),
		MemoBy: a.shown.Decision.By, MemoComment: a.shown.Decision.Comment, MemoReason: a.shown.Reason,
	})
}

func (a *approval) markdown() string {
	var b strings.Builder
	b.WriteString(fmt.Sprintf("**%s**: %d changes of %s, digest `%s`\n\n", a.shown.State, len(a.request.Held),
		strings.TrimPrefix(a.request.id(), ApprovalType+"/"), short(a.request.Digest)))
	if a.shown.State == ApprovalWaiting {
		b.WriteString("Send the update `" + ApproveMessage + "` or `" + RejectMessage + "`, or use `starter approve`.\n\n")
	}
	if a.shown.Reason != "" {
		b.WriteString(a.shown.Reason + "\n\n")
	}
	p := plan.Plan{}
	for _, held := range a.request.Held {
		p.Held = append(p.Held, plan.Held{Raw: plan.Raw{Head: held.Head}, Guard: held.Guard})
	}
	b.WriteString(p.Markdown())
	return b.String()
}

// short is a digest as people type it.
func short(digest string) string { return digest[:min(12, len(digest))] }

// ApprovedChanges limits a run to held changes that a person has approved.
type ApprovedChanges struct {
	Scope string `json:"scope"`
	// Key is that of a change that was approved by itself.
	Key      string   `json:"key,omitempty"`
	Digest   string   `json:"digest"`
	Decision Decision `json:"decision"`
}
