// Package activities turns an integration's typed steps into named activities, and stands between them and
// Temporal: logging, heartbeats, error kinds, metrics, and the permission to write.
package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Bundles is app-interface as the open step needs it.
type Bundles interface {
	// Pin returns the bundle of that sha; the current one where it is empty.
	Pin(ctx context.Context, sha string) (plan.Bundle, error)
	// Admit says whether app-interface knows the integration and allows it any schema.
	Admit(ctx context.Context, integration string, bundle plan.Bundle) error
}

// Toggles are the feature toggles as the open step needs them.
type Toggles interface {
	// Enabled says whether a toggle is on; fallback is the answer where nobody knows.
	Enabled(ctx context.Context, toggle string, fallback bool) bool
}

// Host registers steps.
type Host struct {
	Bundles Bundles
	// Toggles switch integrations off by their names; nil switches none off.
	Toggles Toggles
	// Approvals asks for decisions on what a guard holds.
	Approvals Approvals
	// Past recognises changes that keep coming back, and what people know of earlier runs.
	Past Past
	// Notices tells people.
	Notices Notices
	// Searchable says that the Temporal server knows the search attributes.
	Searchable bool
	// Runs counts what is done; nil counts nothing.
	Runs Runs
}

// Runs are the metrics of runs as the steps need them.
type Runs interface {
	// Started counts a run by the workflow's ID.
	Started(integration, workflowID string)
	// Landed notes that a step has put a change in place, so long after the commit of the bundle.
	Landed(step, integration string, after time.Duration)
}

// Register gives every step of the integration to the worker, under the name <integration>/<step>.
func (h Host) Register(registry worker.ActivityRegistry, d reconcile.Definition, s reconcile.Steps) {
	name := func(step string) activity.RegisterOptions {
		return activity.RegisterOptions{Name: workflows.Activity(d.Name, step)}
	}
	registry.RegisterActivityWithOptions(func(ctx context.Context, in workflows.Input) (workflows.Opened, error) {
		return h.open(ctx, d, s, in)
	}, name(workflows.StepOpen))
	registry.RegisterActivityWithOptions(comparer{d, s}.compare, name(workflows.StepCompare))
	registry.RegisterActivityWithOptions(func(ctx context.Context, in workflows.Input) (*workflows.Standing, error) {
		return h.standing(ctx, d, in), nil
	}, name(workflows.StepStanding))
	registry.RegisterActivityWithOptions(h.Notices.send, name(workflows.StepNotify))
	if s.Check != nil {
		registry.RegisterActivityWithOptions(s.Check, name(workflows.StepCheck))
		return
	}
	registry.RegisterActivityWithOptions(s.Desired, name(workflows.StepDesired))
	registry.RegisterActivityWithOptions(s.Current, name(workflows.StepCurrent))
	registry.RegisterActivityWithOptions(func(ctx context.Context, scope plan.Scope, desired, current reconcile.State) (plan.Plan, error) {
		p, err := s.Diff(ctx, scope, desired, current)
		if err != nil {
			return p, err
		}
		compared := p
		if p, err = plan.Enforce(d.Brake(), p); err != nil {
			return p, err
		}
		if p, err = h.Past.holdRecurring(ctx, scope, p); err == nil {
			measureBlocked(metrics.From(ctx), scope, compared, p)
		}
		return p, err
	}, name(workflows.StepDiff))
	if s.Advance != nil {
		registry.RegisterActivityWithOptions(advancer{s, h.Runs}.advance, name(workflows.StepAdvance))
		registry.RegisterActivityWithOptions(advancer{s, h.Runs}.skip, name(workflows.StepSkip))
	}
	if s.Apply != nil {
		registry.RegisterActivityWithOptions(applier{s.Apply, h.Runs}.apply, name(workflows.StepApply))
	}
	registry.RegisterActivityWithOptions(h.Approvals.request, name(workflows.StepHold))
}

// open checks the arguments and the integration's toggle, pins the bundle, checks that app-interface knows the
// integration, and lists the scopes. A toggle that is off ends it before app-interface is asked anything.
func (h Host) open(ctx context.Context, d reconcile.Definition, s reconcile.Steps, in workflows.Input) (workflows.Opened, error) {
	opened := workflows.Opened{Searchable: h.Searchable, Standing: h.standing(ctx, d, in)}
	if info := activity.GetInfo(ctx); h.Runs != nil && info.Attempt == 1 && !in.DryRun {
		h.Runs.Started(d.Name, info.WorkflowExecution.ID)
	}
	var err error
	if opened.Args, err = d.Args(in.Args); err != nil {
		return opened, err
	}
	if err := d.Permit(in.Args, in.DryRun); err != nil {
		return opened, err
	}
	if err := in.Check(); err != nil {
		return opened, apierr.New(apierr.Invalid, err)
	}
	if h.Toggles != nil && !h.Toggles.Enabled(ctx, d.Name, true) {
		opened.Skipped = fmt.Sprintf("the toggle %s is off in Unleash; switch it on to run the integration", d.Name)
		return opened, nil
	}
	if !in.Unpinned {
		if opened.Bundle, err = h.Bundles.Pin(ctx, in.Bundle); err != nil {
			return opened, err
		}
	}
	opened.Bundle.AnySchema = in.AnySchema
	if err := h.Bundles.Admit(ctx, d.Name, opened.Bundle); err != nil {
		return opened, err
	}
	if s.Shards == nil {
		return opened, nil
	}
	opened.Sharded = true
	scope := plan.Scope{Integration: d.Name, Bundle: opened.Bundle, Args: opened.Args}
	opened.Shards, err = s.Shards(ctx, scope)
	// A comparison of bundles tells by itself which scopes need a run, and asks no other system for that.
	if err == nil && s.Due != nil && in.CompareWith == nil {
		opened.Shards, err = s.Due(ctx, scope, opened.Shards)
	}
	if dup := duplicate(opened.Shards); err == nil && dup != "" {
		err = apierr.New(apierr.Invalid, fmt.Errorf("the scope %s is listed twice", dup))
	}
	return opened, err
}

func duplicate(names []string) string {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}
