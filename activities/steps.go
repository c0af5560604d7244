// Package activities turns an integration's typed steps into named activities, and stands between them and
// Temporal: logging, heartbeats, error kinds, metrics, and the permission to write.
package activities

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Bundles is app-interface as the open step needs it.
type Bundles interface {
	// Pin returns the current bundle.
	Pin(ctx context.Context) (plan.Bundle, error)
	// Admit says whether app-interface knows the integration and allows it any schema.
	Admit(ctx context.Context, integration string, bundle plan.Bundle) error
}

// Host registers steps.
type Host struct {
	Bundles Bundles
	// Approvals asks for decisions on what a guard holds.
	Approvals Approvals
	// Searchable says that the Temporal server knows the search attributes.
	Searchable bool
}

// Register gives every step of the integration to the worker, under the name <integration>/<step>.
func (h Host) Register(registry worker.ActivityRegistry, d reconcile.Definition, s reconcile.Steps) {
	name := func(step string) activity.RegisterOptions {
		return activity.RegisterOptions{Name: workflows.Activity(d.Name, step)}
	}
	registry.RegisterActivityWithOptions(func(ctx context.Context, in workflows.Input) (workflows.Opened, error) {
		return h.open(ctx, d, s, in)
	}, name(workflows.StepOpen))
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
		return plan.Enforce(d.Brake(), p)
	}, name(workflows.StepDiff))
	registry.RegisterActivityWithOptions(applier{s.Apply}.apply, name(workflows.StepApply))
	registry.RegisterActivityWithOptions(h.Approvals.request, name(workflows.StepHold))
}

// open pins the bundle, checks the arguments and that app-interface knows the integration, and lists the scopes.
func (h Host) open(ctx context.Context, d reconcile.Definition, s reconcile.Steps, in workflows.Input) (workflows.Opened, error) {
	opened := workflows.Opened{Searchable: h.Searchable}
	var err error
	if opened.Args, err = d.Args(in.Args); err != nil {
		return opened, err
	}
	if !in.Unpinned {
		if opened.Bundle, err = h.Bundles.Pin(ctx); err != nil {
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
	opened.Shards, err = s.Shards(ctx, plan.Scope{Integration: d.Name, Bundle: opened.Bundle, Args: opened.Args})
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
