package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// steps are the activities of an integration as a test wants them to answer.
type steps struct {
	opened   workflows.Opened
	compared workflows.Comparison
	failing  map[string]error // by "<step>" or "<step>/<scope>"
	plans    map[string]plan.Plan
	findings []plan.Finding

	mu       sync.Mutex
	applied  []string
	calls    []string
	requests []workflows.ApprovalRequest
	memo     map[string]any
	failed   map[string]error // by change key
}

func (s *steps) call(step string, scope plan.Scope) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, step+"/"+scope.Name)
	if err := s.failing[step+"/"+scope.Name]; err != nil {
		return err
	}
	return s.failing[step]
}

func (s *steps) run(t *testing.T, validates bool, in workflows.Input) (*workflows.Result, error) {
	t.Helper()
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas", ActivityQueue: "act-kubernetes", Validates: validates}
	env.RegisterWorkflowWithOptions(spec.Run, workflow.RegisterOptions{Name: spec.Name})
	register := func(step string, fn any) {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: workflows.Activity(spec.Name, step)})
	}
	register(workflows.StepOpen, func(context.Context, workflows.Input) (workflows.Opened, error) {
		return s.opened, s.failing[workflows.StepOpen]
	})
	register(workflows.StepCompare, func(_ context.Context, scope plan.Scope, with workflows.CompareWith) (workflows.Comparison, error) {
		require.Equal(t, *in.CompareWith, with)
		return s.compared, s.call(workflows.StepCompare, scope)
	})
	register(workflows.StepCheck, func(_ context.Context, scope plan.Scope) ([]plan.Finding, error) {
		return s.findings, s.call(workflows.StepCheck, scope)
	})
	register(workflows.StepDesired, func(_ context.Context, scope plan.Scope) (json.RawMessage, error) {
		return json.RawMessage(`"desired of ` + scope.Name + `"`), s.call(workflows.StepDesired, scope)
	})
	register(workflows.StepCurrent, func(_ context.Context, scope plan.Scope, desired json.RawMessage) (json.RawMessage, error) {
		require.JSONEq(t, `"desired of `+scope.Name+`"`, string(desired))
		return json.RawMessage(`"current of ` + scope.Name + `"`), s.call(workflows.StepCurrent, scope)
	})
	register(workflows.StepDiff, func(_ context.Context, scope plan.Scope, desired, current json.RawMessage) (plan.Plan, error) {
		require.JSONEq(t, `"desired of `+scope.Name+`"`, string(desired))
		require.JSONEq(t, `"current of `+scope.Name+`"`, string(current))
		return s.plans[scope.Name], s.call(workflows.StepDiff, scope)
	})
	register(workflows.StepApply, func(_ context.Context, _ plan.Scope, batch []plan.Raw) (workflows.Applied, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var answer workflows.Applied
		for _, change := range batch {
			s.applied = append(s.applied, change.Key)
			if err := s.failed[change.Key]; err != nil {
				if len(batch) == 1 {
					return answer, err
				}
				answer.Failures = append(answer.Failures, workflows.ChangeFailure{Key: change.Key, Message: err.Error()})
			}
		}
		return answer, nil
	})
	register(workflows.StepHold, func(_ context.Context, _ plan.Scope, request workflows.ApprovalRequest) error {
		s.requests = append(s.requests, request)
		return nil
	})
	env.OnUpsertMemo(mock.Anything).Run(func(args mock.Arguments) { s.memo, _ = args.Get(0).(map[string]any) }).Return(nil)
	env.ExecuteWorkflow(spec.Name, in)
	require.True(t, env.IsWorkflowCompleted())
	result := &workflows.Result{}
	err := env.GetWorkflowResult(result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, err
	}
	return result, err
}

func planOf(creates, deletes int) plan.Plan {
	p := plan.Plan{Desired: creates, Current: deletes}
	for i := range creates {
		p.Changes = append(p.Changes, change(plan.Create, fmt.Sprintf("new-%03d", i), 0))
	}
	for i := range deletes {
		p.Changes = append(p.Changes, change(plan.Delete, fmt.Sprintf("old-%03d", i), 0))
	}
	return p
}

func change(action plan.Action, key string, wave int) plan.Raw {
	return plan.Raw{Head: plan.Head{Action: action, Key: key, Summary: string(action) + " " + key, Wave: wave}}
}

func denied(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), "Denied", nil)
}

func TestOneScope(t *testing.T) {
	for _, tc := range []struct {
		name    string
		steps   *steps
		in      workflows.Input
		outcome workflows.Outcome
		applied []string
		err     string
	}{
		{name: "nothing to do is clean", steps: &steps{}, outcome: workflows.Clean},
		{
			name: "creates run before deletes", steps: &steps{plans: map[string]plan.Plan{"": planOf(1, 1)}},
			outcome: workflows.Success, applied: []string{"new-000", "old-000"},
		},
		{
			name: "a dry run applies nothing", in: workflows.Input{DryRun: true},
			steps: &steps{plans: map[string]plan.Plan{"": planOf(1, 1)}}, outcome: workflows.Planned,
		},
		{
			name: "waves run one after the other", outcome: workflows.Success,
			steps: &steps{plans: map[string]plan.Plan{"": {Changes: []plan.Raw{
				change(plan.Create, "team", 0), change(plan.Create, "member", 1), change(plan.Delete, "old member", 1), change(plan.Delete, "old team", 0),
			}}}},
			applied: []string{"team", "member", "old member", "old team"},
		},
		{
			name: "a change that fails stops none of the others", outcome: workflows.Failed, applied: []string{"new-000", "old-000"},
			steps: &steps{plans: map[string]plan.Plan{"": planOf(1, 1)}, failed: map[string]error{"new-000": denied("forbidden")}},
			err:   "create new-000: forbidden",
		},
		{
			name: "a current state that cannot be read leaves the scope alone", outcome: workflows.Failed,
			steps: &steps{plans: map[string]plan.Plan{"": planOf(1, 1)}, failing: map[string]error{"current": denied("no access to prod-1")}},
			err:   "no access to prod-1",
		},
		{
			name: "problems of single items fail the run, and the others are applied", outcome: workflows.Failed, applied: []string{"new-000"},
			steps: &steps{plans: map[string]plan.Plan{"": {Changes: planOf(1, 0).Changes, Problems: []string{"quota b has no name"}}}},
			err:   "quota b has no name",
		},
		{
			name: "held changes wait and the rest is applied", outcome: workflows.Held, applied: []string{"new-000"},
			steps: &steps{plans: map[string]plan.Plan{"": {Changes: planOf(1, 0).Changes, Held: []plan.Held{{Guard: "too many"}}}}},
		},
		{
			name: "a run that cannot be opened fails", outcome: workflows.Failed, err: "cannot reach app-interface",
			steps: &steps{failing: map[string]error{"open": denied("cannot reach app-interface")}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			result, err := tc.steps.run(t, false, tc.in)
			require.Equal(t, tc.outcome, result.Outcome)
			require.Equal(t, tc.applied, tc.steps.applied)
			require.Equal(t, tc.in.DryRun, result.DryRun)
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.err)
			require.Contains(t, result.Errors[0].Message, tc.err)
		})
	}
}

func TestARunRemembersWhatItChanged(t *testing.T) {
	marked := func() map[string]plan.Plan {
		p := planOf(3, 0)
		p.Marks = map[string]string{"new-000": "m0", "new-001": "m1", "again": "m2", "many": "m3"}
		p.Held = []plan.Held{{Raw: change(plan.Update, "again", 0), Recurring: true}, {Raw: change(plan.Delete, "many", 0)}}
		return map[string]plan.Plan{"": p}
	}
	for _, tc := range []struct {
		name  string
		in    workflows.Input
		plans map[string]plan.Plan
		memo  map[string]any
	}{
		{
			name: "what was applied and what keeps coming back, but nothing that failed or waits for another reason", plans: marked(),
			memo: map[string]any{workflows.MemoMarks: []string{"m0", "m2"}},
		},
		{name: "a dry run remembers nothing", in: workflows.Input{DryRun: true}, plans: marked()},
		{name: "a run with nothing to change remembers nothing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &steps{plans: tc.plans, failed: map[string]error{"new-001": denied("forbidden")}}
			_, _ = s.run(t, false, tc.in)
			require.Equal(t, tc.memo, s.memo)
		})
	}
}

func TestALargePlanRunsInBatches(t *testing.T) {
	s := steps{plans: map[string]plan.Plan{"": planOf(230, 20)}, failed: map[string]error{"new-042": denied("quota exceeded")}}
	result, err := s.run(t, false, workflows.Input{})
	require.ErrorContains(t, err, "create new-042: quota exceeded")
	require.Len(t, s.applied, 250)
	require.True(t, slices.IsSorted(s.applied[:230]), "batches keep the order of the plan")
	require.Len(t, result.Changes, 250)
	for _, c := range result.Changes {
		want := workflows.Success
		if c.Key == "new-042" {
			want = workflows.Failed
		}
		require.Equal(t, want, c.Outcome, c.Key)
	}
	require.Len(t, result.Errors, 1)
}

func TestFailureMode02_AScopeThatFailsOrHangsStopsNoOther(t *testing.T) {
	for _, tc := range []struct {
		name    string
		err     error
		failure workflows.Failure
	}{
		{
			name: "one that fails", err: denied("[prod-2] is unreachable"),
			failure: workflows.Failure{Scope: "prod-2", Kind: "Denied", Message: "[prod-2] is unreachable"},
		},
		{
			name: "one that hangs", err: temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, nil),
			failure: workflows.Failure{Scope: "prod-2", Kind: "Unavailable", Message: "no answer in time (ScheduleToClose timeout)"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := steps{
				opened:  workflows.Opened{Sharded: true, Shards: []string{"prod-1", "prod-2", "prod-3"}, Bundle: plan.Bundle{SHA: "abc"}},
				plans:   map[string]plan.Plan{"prod-1": planOf(1, 0), "prod-2": planOf(0, 5), "prod-3": {}},
				failing: map[string]error{"current/prod-2": tc.err},
			}
			result, err := s.run(t, false, workflows.Input{})
			require.ErrorContains(t, err, tc.failure.String())
			require.Equal(t, workflows.Failed, result.Outcome)
			require.Equal(t, "abc", result.Bundle)
			require.Equal(t, []string{"new-000"}, s.applied, "the others are applied, and nothing is deleted in the scope that cannot be read")
			require.Equal(t, []workflows.Failure{tc.failure}, result.Errors)
			require.Equal(t, "prod-1", result.Changes[0].Scope)
			require.Contains(t, s.calls, "diff/prod-3")
			require.NotContains(t, s.calls, "diff/prod-2")
		})
	}
}

func TestNoScopesIsClean(t *testing.T) {
	s := steps{opened: workflows.Opened{Sharded: true}}
	result, err := s.run(t, false, workflows.Input{})
	require.NoError(t, err)
	require.Equal(t, workflows.Clean, result.Outcome)
	require.Empty(t, s.calls)
}

func TestARunThatIsNotToBe(t *testing.T) {
	const reason = "the toggle openshift-quotas is off"
	for _, validates := range []bool{false, true} {
		s := steps{opened: workflows.Opened{Skipped: reason}, plans: map[string]plan.Plan{"": planOf(1, 1)}}
		result, err := s.run(t, validates, workflows.Input{})
		require.NoError(t, err)
		require.Equal(t, workflows.Skipped, result.Outcome)
		require.Equal(t, reason, result.Reason)
		require.Empty(t, s.calls, "no other step runs")
	}
	s := steps{opened: workflows.Opened{Skipped: reason}}
	result, err := s.run(t, false, workflows.Input{Approved: &workflows.ApprovedChanges{Scope: "prod-1", Digest: "3f1c9a"}})
	require.ErrorContains(t, err, reason+"; nothing was applied", "an approval must not take it for done")
	require.Equal(t, []workflows.Failure{{Scope: "prod-1", Kind: "Guard", Message: reason + "; nothing was applied"}}, result.Errors)
}

func TestValidators(t *testing.T) {
	fault := plan.Finding{Severity: plan.SeverityError, Subject: "app payments", Message: "depends on quay and does not say so"}
	remark := plan.Finding{Severity: plan.SeverityInfo, Subject: "app payments", Message: "redundant"}
	for _, tc := range []struct {
		name     string
		findings []plan.Finding
		outcome  workflows.Outcome
	}{
		{"no finding is clean", nil, workflows.Clean},
		{"a remark is clean", []plan.Finding{remark}, workflows.Clean},
		{"a fault fails the run", []plan.Finding{remark, fault}, workflows.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := steps{findings: tc.findings}
			result, err := s.run(t, true, workflows.Input{})
			require.Equal(t, tc.outcome, result.Outcome)
			require.Len(t, result.Findings, len(tc.findings))
			require.Equal(t, []string{"check/"}, s.calls)
			if tc.outcome == workflows.Invalid {
				require.ErrorContains(t, err, "app payments: depends on quay")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestAnErrorNamesTheFirstFailuresAndCountsTheRest(t *testing.T) {
	s := steps{plans: map[string]plan.Plan{"": planOf(30, 0)}, failed: map[string]error{}}
	for i := range 30 {
		s.failed[fmt.Sprintf("new-%03d", i)] = denied("full")
	}
	result, err := s.run(t, false, workflows.Input{})
	require.ErrorContains(t, err, "create new-019: full; and 10 more")
	require.Len(t, result.Errors, 30)
}
