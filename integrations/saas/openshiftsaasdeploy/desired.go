package openshiftsaasdeploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// targetsAtOnce bounds the targets that are worked on side by side.
const targetsAtOnce = 10

// rendered is what a target is to have.
type rendered struct {
	*target
	commit string
	bodies []namespaced.Body
	// faults are why the rollout cannot succeed, though its objects are applied.
	faults []string
}

// Desired returns the objects, rollouts and notices of the scope. A target that cannot be rendered, one with an image that
// is not there or not allowed, and those of a cluster that does not answer are problems. The others go on, and nothing is
// deleted.
//
// Differs from the reference: where a host of code or a registry does not answer, the scope waits for it and fails. There
// the other targets are deployed, and its success is published as failure.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	st, err := r.load(ctx, s)
	if err != nil {
		return nil, err
	}
	targets, problems, err := r.render(ctx, s, st)
	if err != nil {
		return nil, err
	}
	// What succeeded here has passed its gate.
	if !s.Args.Bool(RollbackFlag) {
		if err := r.passes(ctx, st, targets); err != nil {
			return nil, err
		}
	}
	targets, problems, err = r.reachable(ctx, s, st, targets, problems)
	if err != nil {
		return nil, err
	}
	items, more, err := r.items(ctx, s, st, targets)
	if err != nil {
		return nil, err
	}
	return items, append(problems, more...).ErrorOrNil()
}

// render renders the targets that are not deleted, some side by side, and looks their images up.
func (r *reconciler) render(ctx context.Context, s reconcile.Scope, st *stage) ([]*rendered, reconcile.Problems, error) {
	work := r.rendering(ctx, s, st)
	made, faults := make([]*rendered, len(st.targets)), make([]error, len(st.targets))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(targetsAtOnce)
	for i, t := range st.targets {
		if t.Deleted() {
			continue
		}
		group.Go(func() error {
			made[i], faults[i] = work.target(within, t)
			if passing(faults[i]) {
				return faults[i]
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var problems reconcile.Problems
	for _, fault := range faults {
		if fault != nil {
			problems = append(problems, fault)
		}
	}
	return slices.DeleteFunc(made, func(one *rendered) bool { return one == nil }), problems, nil
}

// passing says whether an error may be gone at the next attempt.
func passing(err error) bool {
	kind, known := apierr.KindOf(err)
	return err != nil && (!known || kind.Retryable())
}

func (r *rendering) target(ctx context.Context, t *target) (*rendered, error) {
	commit, err := r.resolve(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("target %s: ref %s: %w", t.name, t.Ref, err)
	}
	bodies, err := r.bodies(ctx, t, commit)
	if err == nil {
		err = r.checks.check(ctx, bodies)
	}
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.name, err)
	}
	return &rendered{target: t, commit: commit, bodies: bodies}, nil
}

// attempts are how often a cluster is asked whether it answers, before its targets are left out.
const attempts = 2

// reachable leaves out the targets of clusters that do not answer.
func (r *reconciler) reachable(ctx context.Context, s reconcile.Scope, st *stage, targets []*rendered, problems reconcile.Problems) ([]*rendered, reconcile.Problems, error) {
	for _, name := range st.clusters() {
		cluster := st.cluster(name)
		var err error
		for range attempts {
			if _, err = r.connect(ctx, s, cluster, namespaced.IsTrue(st.file.ClusterAdmin)); !apierr.Is(err, apierr.Unavailable) {
				break
			}
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("nothing is deployed to cluster %s: %w", name, err))
			targets = slices.DeleteFunc(targets, func(t *rendered) bool { return t.cluster() == name })
		}
	}
	return targets, problems, nil
}

// items makes the objects of all clusters, and the rollouts that they are part of.
func (r *reconciler) items(ctx context.Context, s reconcile.Scope, st *stage, targets []*rendered) ([]Item, reconcile.Problems, error) {
	var items []Item
	var problems reconcile.Problems
	for _, name := range st.clusters() {
		var there []*rendered
		for _, t := range targets {
			if t.cluster() == name {
				there = append(there, t)
			}
		}
		if len(there) == 0 {
			continue
		}
		objects, err := r.objects(st, func(t *target) namespaceBodies { return bodiesOf(there, t) }).Desired(ctx, within(s, name))
		var faults reconcile.Problems
		if err != nil && !errors.As(err, &faults) {
			return nil, nil, err
		}
		problems = append(problems, faults...)
		planned, err := r.validatePlanned(ctx, s, st, there)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, planned...)
		made, err := assemble(st, there, objects)
		if err != nil {
			return nil, nil, err
		}
		items = append(items, made...)
	}
	notices, err := st.notices(s, items)
	return append(items, notices...), problems, err
}

// within is the scope as the objects of a cluster know it.
func within(s reconcile.Scope, cluster string) plan.Scope {
	s.Name = cluster
	return s
}
