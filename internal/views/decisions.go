package views

import (
	"cmp"
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/workflows"
)

// decisions reads what became of what the run held: the first of the requests that was open when the run ended.
func (s Source) decisions(ctx context.Context, d *Detail) error {
	var ids []string
	seen := map[string]bool{}
	for _, held := range d.Result.Held {
		if held.Approval != "" && !seen[held.Approval] && !d.DryRun {
			seen[held.Approval] = true
			ids = append(ids, held.Approval)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	all, err := s.approvals(ctx, in("WorkflowId", ids))
	if err != nil {
		return err
	}
	latest := map[string]Approval{}
	for _, approval := range all {
		if d.Ended == nil || approval.ended == nil || approval.ended.After(*d.Ended) {
			latest[approval.Workflow] = approval
		}
	}
	for _, id := range ids {
		if approval, ok := latest[id]; ok {
			d.Approvals = append(d.Approvals, approval)
		}
	}
	return nil
}

// decision shows a request for a decision.
func (s Source) decision(ctx context.Context, d *Detail, a Approval) error {
	begun, err := s.first(ctx, d.Run)
	if err != nil {
		return err
	}
	var request workflows.ApprovalRequest
	if err := s.Payloads.FromHistory(ctx, begun.GetInput(), &request); err != nil {
		return fmt.Errorf("read the input of %s: %w", d.WorkflowID, err)
	}
	d.Decision, d.Integration, d.Scope, d.Outcome = true, request.Integration, request.Scope, cmp.Or(a.State, Running)
	d.Result = workflows.Result{
		Integration: request.Integration, WorkflowID: d.WorkflowID, RunID: d.RunID, Outcome: workflows.Outcome(d.Outcome), Held: request.Held,
	}
	for i := range d.Result.Held {
		d.Result.Held[i].Approval = d.WorkflowID
	}
	d.Approvals = []Approval{a}
	d.StartedBy = Origin{Kind: "run", Workflow: workflows.RunID(request.Integration, request.Scope), Identity: begun.GetIdentity()}
	return nil
}
