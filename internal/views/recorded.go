package views

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/workflows"
)

// recorded is what a history says of a run that has no result: it goes on, or Temporal has ended it.
type recorded struct {
	workflows.Result
	// children are the scopes in the order of the run.
	children []*child
}

type child struct {
	workflowID, runID, scope string
	// result is that of a child that has ended with one.
	result *workflows.Result
}

// recorded reads what a run has planned and done by now, from its history and those of its scopes; these are left out
// where only the children are wanted.
func (s Source) recorded(ctx context.Context, r Run, shallow bool) (*recorded, error) {
	reading := reader{Source: s, integration: r.Integration, scope: r.Scope, shallow: shallow, steps: map[int64]step{}}
	events := s.GetWorkflowHistory(ctx, r.WorkflowID, r.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err == nil {
			err = reading.read(ctx, event)
		}
		if err != nil {
			return nil, fmt.Errorf("read the history of %s: %w", r.WorkflowID, err)
		}
	}
	if shallow {
		return &reading.recorded, nil
	}
	return &reading.recorded, s.follow(ctx, r.Integration, &reading.recorded)
}

// follow reads the histories of the scopes that have no result, some at a time, and adds all up.
func (s Source) follow(ctx context.Context, integration string, all *recorded) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, one := range all.children {
		if one.result != nil || one.runID == "" {
			continue
		}
		group.Go(func() error {
			of, err := s.recorded(within, Run{Integration: integration, Scope: one.scope, WorkflowID: one.workflowID, RunID: one.runID}, false)
			if err == nil {
				one.result = &of.Result
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, one := range all.children {
		if one.result != nil {
			all.Changes = append(all.Changes, one.result.Changes...)
			all.Findings = append(all.Findings, one.result.Findings...)
			all.Held = append(all.Held, one.result.Held...)
			all.Errors = append(all.Errors, one.result.Errors...)
		}
	}
	return nil
}
