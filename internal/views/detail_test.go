package views_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// widgets is an integration with the real workflow, and with steps that answer as they are told to.
const widgets = "widgets"

// plans are the changes of each scope: so large that they are kept beside the history.
func plans(t *testing.T) map[string]plan.Plan {
	t.Helper()
	change := func(scope string, i int) plan.Raw {
		noise := make([]byte, 1000)
		_, err := rand.Read(noise)
		require.NoError(t, err)
		return plan.Raw{Head: plan.Head{Action: plan.Create, Key: fmt.Sprint(i), Summary: fmt.Sprintf("create %d in %s", i, scope), Reason: hex.EncodeToString(noise)}}
	}
	all := map[string]plan.Plan{}
	for _, scope := range []string{"east", "west"} {
		p := plan.Plan{Refused: []plan.Refused{{Head: plan.Head{Summary: "create 99 in " + scope}, Kind: "Denied", Message: "not ours"}}}
		for i := range 12 {
			p.Changes = append(p.Changes, change(scope, i))
		}
		all[scope] = p
	}
	return all
}

// startWidgets runs a worker for the integration. In the west the change 7 fails and the change 8 waits for release.
func (e estate) startWidgets(t *testing.T, release <-chan struct{}) {
	t.Helper()
	planned := plans(t)
	w := worker.New(e.Client, widgets, worker.Options{})
	spec := workflows.Spec{Name: widgets, ActivityQueue: widgets}
	w.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: widgets})
	w.RegisterWorkflowWithOptions(spec.Scheduled, workflow.RegisterOptions{Name: workflows.ScheduledType})
	step := func(name string, f any) {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: workflows.Activity(widgets, name)})
	}
	step(workflows.StepOpen, func(context.Context, workflows.Input) (workflows.Opened, error) {
		return workflows.Opened{Bundle: plan.Bundle{SHA: "c0ffee"}, Sharded: true, Shards: []string{"east", "west"}, Searchable: true}, nil
	})
	state := func(context.Context, plan.Scope) ([]string, error) { return nil, nil }
	step(workflows.StepDesired, state)
	step(workflows.StepCurrent, func(ctx context.Context, s plan.Scope, _ []string) ([]string, error) { return state(ctx, s) })
	step(workflows.StepDiff, func(_ context.Context, s plan.Scope, _, _ []string) (plan.Plan, error) { return planned[s.Name], nil })
	step(workflows.StepApply, func(ctx context.Context, s plan.Scope, batch []plan.Raw) (workflows.Applied, error) {
		switch {
		case s.Name == "west" && batch[0].Key == "7":
			return workflows.Applied{Failures: []workflows.ChangeFailure{{Key: "7", Kind: "Denied", Message: "403 of the west"}}}, nil
		case s.Name == "west" && batch[0].Key == "6":
			return workflows.Applied{}, temporal.NewNonRetryableApplicationError("the token is gone", "Denied", errors.New("401"))
		case s.Name == "west" && batch[0].Key == "8":
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return workflows.Applied{}, nil
	})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
}

// detail reads until what is read is as it should be.
func (e estate) detail(t *testing.T, workflowID string, until func(*views.Detail) bool) *views.Detail {
	t.Helper()
	var d *views.Detail
	await(t, func() bool {
		var err error
		d, err = e.Detail(t.Context(), workflowID, "")
		if err != nil {
			require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
			return false
		}
		return until(d)
	})
	return d
}

// outcomes are those of the changes by scope and key.
func outcomes(r workflows.Result) map[string]workflows.Outcome {
	all := map[string]workflows.Outcome{}
	for _, change := range r.Changes {
		all[change.Scope+"/"+change.Key] = change.Outcome
	}
	return all
}

func TestOneRunInDetail(t *testing.T) {
	e := newEstate(t, "", widgets)
	release := make(chan struct{})
	e.startWidgets(t, release)
	scheduled := e.schedule(t, widgets, widgets, "", client.ScheduleOptions{Action: &client.ScheduleWorkflowAction{
		ID: workflows.ScheduledID(widgets), Workflow: workflows.ScheduledType, TaskQueue: widgets, Args: []any{workflows.ScheduledInput{Schedule: widgets}},
	}})
	require.NoError(t, scheduled.Trigger(t.Context(), client.ScheduleTriggerOptions{}))

	going := e.detail(t, widgets, func(d *views.Detail) bool {
		done := outcomes(d.Result)
		return done["east/11"] == workflows.Success && done["west/7"] == workflows.Failed && d.Step == "running its scopes"
	})
	require.Equal(t, "running", going.Outcome)
	require.True(t, going.Partial)
	require.Equal(t, "schedule", going.StartedBy.Kind)
	require.Equal(t, widgets, going.StartedBy.Schedule)
	require.Contains(t, going.StartedBy.Workflow, workflows.ScheduledID(widgets)+"-")
	done := outcomes(going.Result)
	require.Len(t, done, 24)
	require.Equal(t, []workflows.Outcome{workflows.Success, workflows.Failed, workflows.Failed, workflows.Planned, workflows.Planned},
		[]workflows.Outcome{done["west/5"], done["west/6"], done["west/7"], done["west/8"], done["west/11"]})
	require.ElementsMatch(t, []workflows.Failure{
		{Scope: "east", Kind: "Denied", Message: "create 99 in east: not ours"}, {Scope: "west", Kind: "Denied", Message: "create 99 in west: not ours"},
		{Scope: "west", Message: "create 6 in west: the token is gone"}, {Scope: "west", Message: "create 7 in west: 403 of the west"},
	}, going.Result.Errors)
	require.Equal(t, []string{"east", "west"}, []string{going.Scopes[0].Scope, going.Scopes[1].Scope})
	require.Equal(t, e.Links.Run("widgets/west", going.Scopes[1].RunID), going.Scopes[1].UI)
	e.detail(t, "widgets/west", func(d *views.Detail) bool { return d.Step == "applying" })

	require.NoError(t, scheduled.Trigger(t.Context(), client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}))
	var skipped *views.Detail
	await(t, func() bool {
		ended, err := e.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: e.Namespace, Query: "WorkflowType = 'scheduled' AND ExecutionStatus = 'Completed'",
		})
		require.NoError(t, err)
		if len(ended.GetExecutions()) == 0 {
			return false
		}
		skipped, err = e.Detail(t.Context(), ended.GetExecutions()[0].GetExecution().GetWorkflowId(), "")
		require.NoError(t, err)
		return true
	})
	require.Equal(t, "skipped", skipped.Outcome)
	require.Equal(t, widgets, skipped.StartedBy.Schedule)
	require.Equal(t, widgets, skipped.Integration)
	require.Contains(t, skipped.Result.Reason, "a run is under way already")

	close(release)
	over := e.detail(t, widgets, func(d *views.Detail) bool { return d.Ended != nil })
	require.Equal(t, "failed", over.Outcome)
	require.False(t, over.Partial)
	require.Equal(t, "c0ffee", over.Bundle)
	require.Empty(t, over.Trouble)
	require.Equal(t, workflows.Success, outcomes(over.Result)["west/11"])
	require.Len(t, over.Result.Errors, 4)
	require.Len(t, over.Scopes, 2)
	wrapped, err := e.Detail(t.Context(), over.StartedBy.Workflow, "")
	require.NoError(t, err)
	require.Equal(t, over.RunID, wrapped.RunID, "what a schedule started is shown as the run that it began")

	_, err = e.Detail(t.Context(), widgets, "0199f0c1-7d0c-7d3e-9d4e-0a7b4a2f6c11")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	require.ErrorContains(t, err, `there is no run of the workflow "widgets/0199f0c1`)
}

func TestARunThatTemporalEnded(t *testing.T) {
	e := newEstate(t, "", widgets)
	e.startWidgets(t, nil)
	_, err := e.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: widgets, TaskQueue: widgets}, widgets, workflows.Input{
		Args: plan.Args{"cluster-name": {"west"}},
	})
	require.NoError(t, err)
	e.detail(t, widgets, func(d *views.Detail) bool { return outcomes(d.Result)["west/7"] == workflows.Failed })
	require.NoError(t, e.TerminateWorkflow(t.Context(), widgets, "", "it took too long"))
	d := e.detail(t, widgets, func(d *views.Detail) bool { return d.Ended != nil && d.Scopes[1].RunID != "" })
	require.Equal(t, "terminated", d.Outcome)
	require.True(t, d.Partial)
	require.Equal(t, "ann@laptop", d.StartedBy.Identity)
	require.Equal(t, "person", d.StartedBy.Kind)
	require.Equal(t, plan.Args{"cluster-name": {"west"}}, d.Args)
	require.Equal(t, workflows.Failed, outcomes(d.Result)["west/7"], "what was done until then is still told")
	require.Equal(t, workflows.Planned, outcomes(d.Result)["west/9"])
	require.Equal(t, []string{"terminated by ann@laptop: it took too long"}, d.Trouble)
}
