package fleetwatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/workflows"
)

// run is one that has ended, of an integration or of one of its scopes.
type run struct {
	integration, workflowID, runID, parentID, outcome, bundle string
	status                                                    enums.WorkflowExecutionStatus
	start, end                                                time.Time
}

// whole says whether it is a run of the integration or of a shard, and no scope of one.
func (r run) whole() bool {
	return r.workflowID == r.integration || strings.HasPrefix(r.workflowID, r.integration+"-")
}

// exitCode is what `starter run` would have ended with, as far as Temporal's list of runs tells: which kind of failure it
// was does not stand there.
func (r run) exitCode() float64 {
	switch {
	case r.status != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return 1
	case r.outcome == string(workflows.Held):
		return 3
	}
	return 0
}

// table has the last run of each workflow ID.
type table struct {
	last map[string]run
	// newest is the latest end that was seen.
	newest time.Time
}

const (
	pageSize = 1000
	// firstPages bounds what the first look reads.
	firstPages = 10
	// lag is how late Temporal may list a run that has ended.
	lag = time.Minute
)

// ended brings the table up to date: with the runs that have ended since the last look, so that a look costs what has
// happened and not what there is.
func (w *Watch) ended(ctx context.Context) (func(*seen), error) {
	query := fmt.Sprintf("ExecutionStatus != 'Running' AND WorkflowType != '%s'", workflows.ApprovalType)
	pages := firstPages
	first := w.runs.newest.IsZero()
	if !first {
		query += fmt.Sprintf(" AND CloseTime > '%s'", w.runs.newest.Add(-lag).Format(time.RFC3339Nano))
	}
	complete, err := w.list(ctx, query, pages, w.note)
	if err != nil {
		return nil, err
	}
	if first && !complete {
		if err := w.search(ctx); err != nil {
			return nil, err
		}
	}
	w.runs.prune()
	whole := slices.SortedFunc(maps.Values(w.runs.last), func(a, b run) int { return cmp.Compare(a.workflowID, b.workflowID) })
	whole = slices.DeleteFunc(whole, func(r run) bool { return !r.whole() })
	return func(s *seen) { s.runs = whole }, nil
}

// search looks for the last runs of the integrations that are not among the latest of all.
func (w *Watch) search(ctx context.Context) error {
	ids := slices.Collect(maps.Keys(w.types))
	w.mu.Lock()
	ids = slices.AppendSeq(ids, maps.Keys(w.seen.schedules))
	w.mu.Unlock()
	found := make([]*workflow.WorkflowExecutionInfo, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		if _, known := w.runs.last[id]; known {
			continue
		}
		group.Go(func() error {
			answer, err := w.options.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
				Namespace: w.options.Namespace, PageSize: 1, Query: fmt.Sprintf("WorkflowId = '%s' AND ExecutionStatus != 'Running'", id),
			})
			if executions := answer.GetExecutions(); len(executions) > 0 {
				found[i] = executions[0]
			}
			return err
		})
	}
	err := group.Wait()
	for _, execution := range found {
		if execution != nil {
			w.note(execution)
		}
	}
	return err
}

// list reads so many pages; complete is false where there are more.
func (w *Watch) list(ctx context.Context, query string, pages int, take func(*workflow.WorkflowExecutionInfo)) (complete bool, err error) {
	var page []byte
	for range pages {
		answer, err := w.options.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: w.options.Namespace, PageSize: pageSize, Query: query, NextPageToken: page,
		})
		if err != nil {
			return false, err
		}
		for _, execution := range answer.GetExecutions() {
			take(execution)
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// note puts a run that has ended into the table, unless a later one is there. Dry runs change nothing, and those of
// approvals are part of what held them.
func (w *Watch) note(execution *workflow.WorkflowExecutionInfo) {
	r := run{
		integration: execution.GetType().GetName(), workflowID: execution.GetExecution().GetWorkflowId(), runID: execution.GetExecution().GetRunId(),
		parentID: execution.GetParentExecution().GetWorkflowId(), status: execution.GetStatus(),
		start: execution.GetStartTime().AsTime(), end: execution.GetCloseTime().AsTime(),
		outcome: attribute(execution, "Outcome"), bundle: attribute(execution, "Bundle"),
	}
	if r.end.After(w.runs.newest) {
		w.runs.newest = r.end
	}
	if !w.types[r.integration] || workflows.IsDryRun(r.workflowID) || strings.HasPrefix(r.workflowID, workflows.ApprovalType+"/") ||
		r.status == enums.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
		return
	}
	if r.start.After(w.runs.last[r.workflowID].start) {
		w.runs.last[r.workflowID] = r
	}
}

// attribute reads a text of the search attributes; they are never encrypted.
func attribute(execution *workflow.WorkflowExecutionInfo, name string) string {
	var value string
	if payload, ok := execution.GetSearchAttributes().GetIndexedFields()[name]; ok {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &value)
	}
	return value
}

// prune drops the scopes that the last run of their integration no longer covered.
func (t *table) prune() {
	maps.DeleteFunc(t.last, func(_ string, r run) bool { return t.left(r) })
}

// left says whether the run that a scope belonged to has run again without it.
func (t *table) left(scope run) bool {
	return scope.parentID != "" && !scope.whole() && t.last[scope.parentID].start.After(scope.end)
}

// superseded says whether what a step has measured was measured anew by a later run, or is of a scope that is gone.
func (t *table) superseded(o metrics.Origin) bool {
	last, known := t.last[o.WorkflowID]
	if !known {
		// Of what was pruned, or has not ended yet.
		parent, _, _ := strings.Cut(o.WorkflowID, "/")
		return parent != o.WorkflowID && t.last[parent].start.After(o.At)
	}
	return last.runID != o.RunID && last.start.After(o.At)
}
