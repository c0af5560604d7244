package views

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Filter says which runs are listed.
type Filter struct {
	// Integrations are their names, at least one.
	Integrations []string
	// Since is when the runs started at the earliest.
	Since time.Time
	// Outcomes are those of a Run; none stands for all.
	Outcomes []string
	// Scope lists the children that cover it in place of runs.
	Scope string
	// Most is how many are listed.
	Most int
}

// Listed are the runs that were found.
type Listed struct {
	// Runs are those that go on and then those that have ended, the latest first.
	Runs []Run
	// More says that there are others.
	More bool
	// Unsearchable says that the server does not know the search attributes, so that outcomes are Temporal's own.
	Unsearchable bool
}

// Runs lists runs. Its error is Invalid where the server cannot be asked for an outcome.
func (s Source) Runs(ctx context.Context, f Filter) (Listed, error) {
	query, _ := f.query(true)
	listed, err := s.runs(ctx, f, query)
	if !unsearchable(err) {
		return listed, err
	}
	if query, err = f.query(false); err != nil {
		return Listed{}, err
	}
	listed, err = s.runs(ctx, f, query)
	listed.Unsearchable = true
	return listed, err
}

func (s Source) runs(ctx context.Context, f Filter, query string) (Listed, error) {
	listed := Listed{Runs: []Run{}}
	for execution, err := range s.list(ctx, query, min(2*f.Most+1, pageSize)) {
		if err != nil {
			return listed, fmt.Errorf("list the runs: %w", err)
		}
		run := s.run(execution)
		// The query lets more pass: what runs has not said yet where it does.
		if run.Scope != f.Scope || len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, run.Outcome) {
			continue
		}
		if len(listed.Runs) == f.Most {
			listed.More = true
			break
		}
		listed.Runs = append(listed.Runs, run)
	}
	return listed, nil
}

// query is the filter as the server takes it, with search attributes or without.
func (f Filter) query(searchable bool) (string, error) {
	conditions := []string{in("WorkflowType", f.Integrations)}
	if !f.Since.IsZero() {
		conditions = append(conditions, "StartTime >= "+quoted(f.Since.UTC().Format(time.RFC3339)))
	}
	var outcomes []string
	for _, outcome := range f.Outcomes {
		condition, ok := outcomeCondition(outcome, searchable)
		if !ok {
			return "", apierr.Errorf(apierr.Invalid, "the server does not know the search attributes, and so no outcome %q: expected one of %s, %s, %s, %s, %s, %s",
				outcome, Running, Completed, workflows.Failed, TimedOut, Terminated, Cancelled)
		}
		outcomes = append(outcomes, condition)
	}
	if len(outcomes) > 0 {
		conditions = append(conditions, "("+strings.Join(outcomes, " OR ")+")")
	}
	switch {
	case f.Scope != "":
		// A child that runs has not set its scope yet, and the IDs of dry runs are not known.
		ids := make([]string, len(f.Integrations))
		for i, integration := range f.Integrations {
			ids[i] = workflows.RunID(integration, f.Scope)
		}
		condition := in("WorkflowId", ids)
		if searchable {
			condition = "(Scope = " + quoted(f.Scope) + " OR " + condition + ")"
		}
		conditions = append(conditions, condition)
	case searchable:
		conditions = append(conditions, "Scope IS NULL")
	}
	return and(conditions...), nil
}

// Outcomes are those that can be asked for.
func Outcomes() []string {
	return []string{
		string(workflows.Clean), string(workflows.Planned), string(workflows.Success), string(workflows.Held), string(workflows.Waiting),
		string(workflows.Failed), string(workflows.Invalid), string(workflows.Skipped), string(workflows.Stuck),
		Running, Completed, TimedOut, Terminated, Cancelled,
	}
}

// outcomeCondition selects at least the runs of that outcome. It is false where the server cannot tell them.
func outcomeCondition(outcome string, searchable bool) (string, bool) {
	switch outcome {
	case Running:
		return "ExecutionStatus = 'Running'", true
	case Completed:
		return "ExecutionStatus = 'Completed'", true
	case TimedOut:
		return "ExecutionStatus = 'TimedOut'", true
	case Terminated:
		return "ExecutionStatus = 'Terminated'", true
	case Cancelled:
		return "ExecutionStatus = 'Canceled'", true
	case string(workflows.Failed):
		if searchable {
			return "Outcome = 'failed' OR ExecutionStatus = 'Failed'", true
		}
		return "ExecutionStatus = 'Failed'", true
	}
	return "Outcome = " + quoted(outcome), searchable
}
