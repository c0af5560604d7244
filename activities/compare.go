package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// comparer compares what an integration reads from two bundles.
type comparer struct {
	definition reconcile.Definition
	steps      reconcile.Steps
}

// side is what was read from one of the bundles.
type side struct {
	recording *inputs.Recording
	shards    []string
}

// compare says which scopes a run has to cover, given the bundle that it is compared with: none, some or all of them.
// What keeps it from telling makes the run cover all. Its error is one that may pass.
func (c comparer) compare(ctx context.Context, scope plan.Scope, with workflows.CompareWith) (workflows.Comparison, error) {
	answer := workflows.Comparison{Base: with.Base}
	all := func(format string, args ...any) (workflows.Comparison, error) {
		answer.Verdict, answer.Reason = workflows.RunAll, fmt.Sprintf(format, args...)
		return answer, nil
	}
	base := scope
	base.Bundle = plan.Bundle{SHA: with.Base, AnySchema: scope.Bundle.AnySchema}
	before, err := c.read(ctx, base)
	if passing(err) {
		return answer, err
	}
	if err != nil {
		return all("the data of bundle %s cannot be compared: %v", short(with.Base), err)
	}
	after, err := c.read(ctx, scope)
	if passing(err) {
		return answer, err
	}
	if err != nil {
		return all("the data of bundle %s cannot be compared: %v", short(scope.Bundle.SHA), err)
	}
	var partition inputs.Partition
	if c.definition.Partition != nil {
		partition = c.definition.Partition.Roots
	}
	difference, err := inputs.Compare(before.recording, after.recording, partition)
	if err != nil {
		return all("the bundles cannot be compared: %v", err)
	}
	answer.BaseHash, answer.HeadHash = difference.Base.String(), difference.Head.String()
	if difference.Same() {
		answer.Verdict, answer.Reason = workflows.RunNone, "the desired state is the same in bundle "+short(with.Base)
		return answer, nil
	}
	if !with.OnlyAffected {
		return all("the desired state differs from bundle %s", short(with.Base))
	}
	if why := c.wholeRun(scope, before, after, difference); why != "" {
		return all("%s", why)
	}
	return c.limited(answer, after, difference), nil
}

// read reads all that the steps of a run read from app-interface, in the bundle of the scope. A step that reads
// something else is an error, also where the step does not mind.
func (c comparer) read(ctx context.Context, scope plan.Scope) (side, error) {
	ctx, recording := inputs.Record(ctx)
	s := side{recording: recording}
	var err error
	if c.steps.Shards != nil {
		s.shards, err = c.steps.Shards(ctx, scope)
	}
	if err == nil {
		err = c.steps.Source(ctx, scope)
	}
	if outside := recording.Outside(); len(outside) > 0 && !passing(err) {
		err = apierr.Errorf(apierr.Invalid, "reading it needs %s, which is no data of app-interface", strings.Join(outside, ", "))
	}
	return s, err
}

// wholeRun says why the difference concerns all scopes, "" where it concerns some.
func (c comparer) wholeRun(scope plan.Scope, before, after side, d inputs.Difference) string {
	partition := c.definition.Partition
	switch {
	case partition == nil || c.steps.Shards == nil:
		return "its data is not divided by scope"
	case len(scope.Args.Strings(partition.Flag)) > 0:
		return "--" + partition.Flag + " names the scopes"
	case len(d.Unmapped) > 0:
		return "what differs belongs to no scope: " + strings.Join(d.Unmapped, ", ")
	case len(d.Scopes) > partition.Most:
		return fmt.Sprintf("%d scopes are affected, more than the %d that are run by themselves", len(d.Scopes), partition.Most)
	}
	for _, affected := range d.Scopes {
		// A scope that neither bundle has is disabled, or the partition is wrong.
		if !slices.Contains(before.shards, affected) && !slices.Contains(after.shards, affected) {
			return "what differs belongs to " + affected + ", which is no scope of the run"
		}
	}
	return ""
}

// limited is the answer where only some scopes are affected. One that only the base has needs no run: a run of all
// scopes would not cover it either.
//
// Differs from the reference: a scope that the change takes away is not run by itself. There it is, and finds nothing.
func (c comparer) limited(answer workflows.Comparison, after side, d inputs.Difference) workflows.Comparison {
	answer.Verdict = workflows.RunSome
	var gone []string
	for _, affected := range d.Scopes {
		if slices.Contains(after.shards, affected) {
			answer.Scopes = append(answer.Scopes, affected)
		} else {
			gone = append(gone, affected)
		}
	}
	var reasons []string
	if len(answer.Scopes) > 0 {
		reasons = append(reasons, "only these scopes differ from bundle "+short(answer.Base)+": "+strings.Join(answer.Scopes, ", "))
	}
	if len(gone) > 0 {
		reasons = append(reasons, "the run no longer covers "+strings.Join(gone, ", "))
	}
	answer.Reason = strings.Join(reasons, "; ")
	return answer
}

// passing says whether trying again may help.
func passing(err error) bool {
	kind, known := apierr.KindOf(err)
	return err != nil && (!known || kind.Retryable())
}

// short is a sha as people read it.
func short(sha string) string { return sha[:min(12, len(sha))] }
