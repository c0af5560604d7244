package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// hold notes what is held and asks for its approval. Of an approved run only the approved changes are left, if they still
// are what is held.
func (r *run) hold(ctx workflow.Context, scope plan.Scope, p plan.Plan) (plan.Plan, error) {
	if r.in.Approved != nil {
		return p, r.in.Approved.limit(&p)
	}
	var together []HeldChange
	for _, held := range p.Held {
		change := HeldChange{Head: held.Head, Guard: held.Guard, Scope: scope.Name}
		if held.Digest == "" {
			together = append(together, change)
			continue
		}
		if err := r.ask(ctx, scope, held.Key, held.Digest, change); err != nil {
			return p, err
		}
	}
	if len(together) == 0 {
		return p, nil
	}
	return p, r.ask(ctx, scope, "", p.Digest, together...)
}

// ask asks for the approval of held changes. Key is that of a change that is approved by itself.
func (r *run) ask(ctx workflow.Context, scope plan.Scope, key, digest string, changes ...HeldChange) error {
	first := len(r.result.Held)
	r.result.Held = append(r.result.Held, changes...)
	if r.in.DryRun {
		return nil
	}
	request := ApprovalRequest{
		Integration: r.spec.Name, Scope: scope.Name, Key: key, Digest: digest, Held: changes, Input: r.in, Searchable: r.searchable, Notify: r.notifies,
	}
	request.Input.Args, request.Input.Scope = scope.Args, nil
	summary := fmt.Sprintf("ask for the approval of %d changes", len(changes))
	if key != "" {
		summary = "ask for the approval: " + changes[0].Summary
	}
	if err := r.step(ctx, StepHold, summary, nil, scope, request); err != nil {
		return err
	}
	for i := range r.result.Held[first:] {
		r.result.Held[first+i].Approval = request.id()
	}
	return nil
}

// limit leaves the approved changes alone in the plan.
func (a ApprovedChanges) limit(p *plan.Plan) error {
	digest, changes := p.Digest, p.HeldTogether()
	if a.Key != "" {
		digest, changes = "", nil
		for _, held := range p.Held {
			if held.Key == a.Key {
				digest, changes = held.Digest, []plan.Raw{held.Raw}
			}
		}
	}
	if digest != "" && digest == a.Digest {
		p.Changes, p.Held = changes, nil
		return nil
	}
	// Nothing but what a person has seen is applied, and nothing is asked anew: the next run does that.
	message := "the approved changes are no longer what is held; nothing was applied, and what is held now needs an approval of its own"
	if digest == "" {
		message = "the approved changes are no longer due; nothing was applied"
	}
	return temporal.NewNonRetryableApplicationError(message, guardKind, nil)
}
