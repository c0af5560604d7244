package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

const seen = "3f1c9a"

func held(digest string) workflows.ApprovalRequest {
	return workflows.ApprovalRequest{
		Integration: "openshift-quotas", Scope: "prod-1", Digest: digest,
		Held:  []workflows.HeldChange{{Head: plan.Head{Action: plan.Delete, Key: "a", Summary: "delete a"}, Guard: "too many", Scope: "prod-1"}},
		Input: workflows.Input{Args: plan.Args{"take-over": {"true"}}},
	}
}

// approvals runs an approval. The integration's run is answered by ran.
func approvals(t *testing.T, ran func(workflows.Input) (*workflows.Result, error), messages func(*testsuite.TestWorkflowEnvironment)) (*testsuite.TestWorkflowEnvironment, workflows.Approval) {
	t.Helper()
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas"}
	env.RegisterWorkflowWithOptions(spec.Approve, workflow.RegisterOptions{Name: workflows.ApprovalType})
	env.RegisterWorkflowWithOptions(func(_ workflow.Context, in workflows.Input) (*workflows.Result, error) { return ran(in) },
		workflow.RegisterOptions{Name: spec.Name})
	messages(env)
	env.ExecuteWorkflow(workflows.ApprovalType, held(seen))
	require.True(t, env.IsWorkflowCompleted())
	var shown workflows.Approval
	if env.GetWorkflowError() == nil {
		require.NoError(t, env.GetWorkflowResult(&shown))
	}
	return env, shown
}

func never(workflows.Input) (*workflows.Result, error) {
	panic("the integration ran without approval")
}

func failed(failure workflows.Failure) error {
	return temporal.NewNonRetryableApplicationError(failure.Message, workflows.FailedRun, nil, workflows.Result{Errors: []workflows.Failure{failure}})
}

func TestDecisions(t *testing.T) {
	yes := workflows.Decision{Digest: "3f1", By: "ann@host", Comment: "agreed"}
	signal := func(name string, d workflows.Decision) func(*testsuite.TestWorkflowEnvironment) {
		return func(env *testsuite.TestWorkflowEnvironment) {
			env.RegisterDelayedCallback(func() { env.SignalWorkflow(name, d) }, time.Hour)
		}
	}
	update := func(name string, d workflows.Decision) func(*testsuite.TestWorkflowEnvironment) {
		return func(env *testsuite.TestWorkflowEnvironment) {
			env.RegisterDelayedCallback(func() { env.UpdateWorkflowNoRejection(name, "1", t, d) }, time.Hour)
		}
	}
	applied := func(in workflows.Input) (*workflows.Result, error) {
		require.Equal(t, &workflows.ApprovedChanges{Scope: "prod-1", Digest: seen, Decision: workflows.Decision{Digest: seen, By: "ann@host", Comment: "agreed"}}, in.Approved)
		require.Equal(t, plan.Args{"take-over": {"true"}}, in.Args, "the approved run has the flags of the run that found them")
		return &workflows.Result{Outcome: workflows.Success}, nil
	}
	for _, tc := range []struct {
		name     string
		ran      func(workflows.Input) (*workflows.Result, error)
		messages func(*testsuite.TestWorkflowEnvironment)
		state    workflows.ApprovalState
		reason   string
	}{
		{name: "an approval by signal is carried out", ran: applied, messages: signal(workflows.ApproveMessage, yes), state: workflows.ApprovalApplied},
		{name: "an approval by update is carried out", ran: applied, messages: update(workflows.ApproveMessage, yes), state: workflows.ApprovalApplied},
		{name: "a rejection is recorded", ran: never, messages: signal(workflows.RejectMessage, yes), state: workflows.ApprovalRejected},
		{name: "a request that nobody decides expires", ran: never, messages: func(*testsuite.TestWorkflowEnvironment) {}, state: workflows.ApprovalExpired},
		{
			name: "an approval of something else is not taken", ran: never,
			messages: signal(workflows.ApproveMessage, workflows.Decision{Digest: "beef"}), state: workflows.ApprovalExpired,
		},
		{
			name: "a plan that has changed is refused",
			ran: func(workflows.Input) (*workflows.Result, error) {
				return nil, failed(workflows.Failure{Kind: "Guard", Message: "no longer what is held"})
			},
			messages: signal(workflows.ApproveMessage, yes), state: workflows.ApprovalRefused, reason: "no longer what is held",
		},
		{
			name: "a run that fails is reported",
			ran: func(workflows.Input) (*workflows.Result, error) {
				return nil, failed(workflows.Failure{Scope: "prod-1", Message: "unreachable"})
			},
			messages: signal(workflows.ApproveMessage, yes), state: workflows.ApprovalFailed, reason: "prod-1: unreachable",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, shown := approvals(t, tc.ran, tc.messages)
			require.Equal(t, tc.state, shown.State)
			require.Equal(t, tc.reason, shown.Reason)
			if tc.state == workflows.ApprovalRejected {
				require.Equal(t, workflows.Decision{Digest: seen, By: "ann@host", Comment: "agreed"}, shown.Decision)
			}
		})
	}
}

func TestAnApprovedRunWaitsForTheScope(t *testing.T) {
	tries := 0
	_, shown := approvals(t, func(workflows.Input) (*workflows.Result, error) {
		if tries++; tries < 3 {
			return nil, failed(workflows.Failure{Kind: "Conflict", Message: "another run works on this scope"})
		}
		return &workflows.Result{}, nil
	}, func(env *testsuite.TestWorkflowEnvironment) {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.ApproveMessage, nil) }, time.Hour)
	})
	require.Equal(t, workflows.ApprovalApplied, shown.State)
	require.Equal(t, 3, tries)
}

func TestAnotherPlanSupersedesTheRequest(t *testing.T) {
	env, _ := approvals(t, never, func(env *testsuite.TestWorkflowEnvironment) {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.OfferSignal, held(seen)) }, time.Minute)
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.OfferSignal, held("beef")) }, time.Hour)
	})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &again)
	require.Equal(t, workflows.ApprovalType, again.WorkflowType.Name)
	value, err := env.QueryWorkflow(workflows.ApprovalQuery)
	require.NoError(t, err)
	var shown workflows.Approval
	require.NoError(t, value.Get(&shown))
	require.Equal(t, workflows.ApprovalSuperseded, shown.State)
}

func TestADecisionIsTakenOnce(t *testing.T) {
	var refusals []error
	_, shown := approvals(t, func(workflows.Input) (*workflows.Result, error) { return &workflows.Result{}, nil }, func(env *testsuite.TestWorkflowEnvironment) {
		decide := func(name string, d workflows.Decision) {
			env.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
				OnAccept: func() {}, OnReject: func(err error) { refusals = append(refusals, err) }, OnComplete: func(any, error) {},
			}, d)
		}
		env.RegisterDelayedCallback(func() {
			decide(workflows.ApproveMessage, workflows.Decision{Digest: "beef"})
			decide(workflows.ApproveMessage, workflows.Decision{By: "ann"})
			decide(workflows.RejectMessage, workflows.Decision{By: "bob"})
		}, time.Hour)
	})
	require.Equal(t, workflows.ApprovalApplied, shown.State)
	require.Equal(t, "ann", shown.Decision.By)
	require.Len(t, refusals, 2)
	require.ErrorContains(t, refusals[0], "what is held has the digest 3f1c9a, not beef")
	require.ErrorContains(t, refusals[1], "it is decided already: approved")
}

// heldPlan holds one delete besides a create.
func heldPlan() plan.Plan {
	p := planOf(1, 0)
	p.Held, p.Digest = []plan.Held{{Raw: change(plan.Delete, "old", 0), Guard: "too many"}}, seen
	return p
}

func TestHeldChangesAskForApproval(t *testing.T) {
	s := &steps{plans: map[string]plan.Plan{"": heldPlan()}}
	result, err := s.run(t, false, workflows.Input{})
	require.NoError(t, err)
	require.Equal(t, workflows.Held, result.Outcome)
	require.Equal(t, "approval/openshift-quotas", result.Held[0].Approval)
	require.Len(t, s.requests, 1)
	require.Equal(t, seen, s.requests[0].Digest)

	s = &steps{plans: map[string]plan.Plan{"": heldPlan()}}
	result, err = s.run(t, false, workflows.Input{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, workflows.Held, result.Outcome)
	require.Empty(t, s.requests, "a dry run asks nobody")
}

func TestAnApprovedRun(t *testing.T) {
	changed := heldPlan()
	changed.Digest = "beef"
	for _, tc := range []struct {
		name    string
		plan    plan.Plan
		outcome workflows.Outcome
		applied []string
		err     string
	}{
		{"applies exactly the approved changes", heldPlan(), workflows.Success, []string{"old"}, ""},
		{"applies nothing when something else is held", changed, workflows.Failed, nil, "no longer what is held"},
		{"applies nothing when nothing is held", planOf(1, 0), workflows.Failed, nil, "no longer due"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &steps{plans: map[string]plan.Plan{"": tc.plan}}
			result, err := s.run(t, false, workflows.Input{Approved: &workflows.ApprovedChanges{Digest: seen}})
			require.Equal(t, tc.outcome, result.Outcome)
			require.Equal(t, tc.applied, s.applied)
			require.Empty(t, s.requests)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.Equal(t, "Guard", result.Errors[0].Kind)
			}
		})
	}
}

func TestAnApprovedRunCoversItsScopeAlone(t *testing.T) {
	s := &steps{
		opened: workflows.Opened{Sharded: true, Shards: []string{"prod-1", "prod-2"}},
		plans:  map[string]plan.Plan{"prod-1": heldPlan(), "prod-2": heldPlan()},
	}
	_, err := s.run(t, false, workflows.Input{Approved: &workflows.ApprovedChanges{Scope: "prod-2", Digest: seen}})
	require.NoError(t, err)
	require.Equal(t, []string{"old"}, s.applied)
	require.NotContains(t, s.calls, "desired/prod-1")

	s = &steps{opened: workflows.Opened{Sharded: true, Shards: []string{"prod-1"}}}
	result, err := s.run(t, false, workflows.Input{Approved: &workflows.ApprovedChanges{Scope: "prod-2", Digest: seen}})
	require.ErrorContains(t, err, "prod-2: the run no longer covers this scope")
	require.Equal(t, workflows.Failed, result.Outcome)
}
