package workflows_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/workflows"
)

// told runs an approval, whose changes take two hours, of which people are told, and returns what they are, with the times since it began.
func told(t *testing.T, refuses bool, request workflows.ApprovalRequest, messages func(*testsuite.TestWorkflowEnvironment)) ([]workflows.Notice, []time.Duration) {
	t.Helper()
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestWorkflowEnvironment()
	spec := workflows.Spec{Name: "openshift-quotas"}
	env.RegisterWorkflowWithOptions(spec.Approve, workflow.RegisterOptions{Name: workflows.ApprovalType})
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ workflows.Input) (*workflows.Result, error) {
		return &workflows.Result{Outcome: workflows.Success}, workflow.Sleep(ctx, 2*time.Hour)
	}, workflow.RegisterOptions{Name: spec.Name})
	began := env.Now()
	var notices []workflows.Notice
	var times []time.Duration
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context, n workflows.Notice) error {
		notices, times = append(notices, n), append(times, workflow.Now(ctx).Sub(began).Round(time.Minute))
		if refuses {
			return errors.New("Slack is away")
		}
		return nil
	}, workflow.RegisterOptions{Name: workflows.NotificationType})
	messages(env)
	env.ExecuteWorkflow(workflows.ApprovalType, request)
	require.True(t, env.IsWorkflowCompleted())
	return notices, times
}

func news(notices []workflows.Notice) []workflows.News {
	var all []workflows.News
	for _, n := range notices {
		all = append(all, n.News)
	}
	return all
}

func TestPeopleAreToldOfApprovals(t *testing.T) {
	const day = 24 * time.Hour
	decide := func(message string, after time.Duration) func(*testsuite.TestWorkflowEnvironment) {
		return func(env *testsuite.TestWorkflowEnvironment) {
			env.RegisterDelayedCallback(func() {
				env.SignalWorkflow(message, workflows.Decision{By: "ann", Comment: strings.Repeat("x", 1000)})
			}, after)
		}
	}
	nobody := func(*testsuite.TestWorkflowEnvironment) {}
	for _, tc := range []struct {
		name     string
		silent   bool
		refuses  bool
		key      string
		messages func(*testsuite.TestWorkflowEnvironment)
		news     []workflows.News
		times    []time.Duration
		state    workflows.ApprovalState
	}{
		{name: "approved", messages: decide(workflows.ApproveMessage, time.Hour), news: []workflows.News{workflows.Asks, workflows.Decided}, times: []time.Duration{0, 3 * time.Hour}, state: workflows.ApprovalApplied},
		{
			name: "being applied when people would be reminded", messages: decide(workflows.ApproveMessage, 6*day-time.Hour),
			news: []workflows.News{workflows.Asks, workflows.Decided}, times: []time.Duration{0, 6*day + time.Hour}, state: workflows.ApprovalApplied,
		},
		{name: "rejected", messages: decide(workflows.RejectMessage, time.Hour), news: []workflows.News{workflows.Asks, workflows.Decided}, times: []time.Duration{0, time.Hour}, state: workflows.ApprovalRejected},
		{
			name: "decided at the last moment", messages: decide(workflows.RejectMessage, 6*day+time.Hour),
			news: []workflows.News{workflows.Asks, workflows.ExpiresSoon, workflows.Decided}, times: []time.Duration{0, 6 * day, 6*day + time.Hour}, state: workflows.ApprovalRejected,
		},
		{
			name: "decided by nobody", messages: nobody,
			news: []workflows.News{workflows.Asks, workflows.ExpiresSoon, workflows.Decided}, times: []time.Duration{0, 6 * day, 7 * day}, state: workflows.ApprovalExpired,
		},
		{
			name: "of a change by itself, after some days", key: "a", messages: decide(workflows.RejectMessage, 2*day+time.Hour),
			news:  []workflows.News{workflows.Asks, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.Decided},
			times: []time.Duration{0, day, 2 * day, 2*day + time.Hour}, state: workflows.ApprovalRejected,
		},
		{
			name: "of a change by itself, by nobody", key: "a", messages: nobody,
			news: []workflows.News{
				workflows.Asks, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.ExpiresSoon, workflows.Decided,
			},
			times: []time.Duration{0, day, 2 * day, 3 * day, 4 * day, 5 * day, 6 * day, 7 * day}, state: workflows.ApprovalExpired,
		},
		{
			name: "while Slack is away", refuses: true, messages: decide(workflows.ApproveMessage, time.Hour),
			news: []workflows.News{workflows.Asks, workflows.Decided}, times: []time.Duration{0, 3 * time.Hour}, state: workflows.ApprovalApplied,
		},
		{
			name: "superseded by other changes", news: []workflows.News{workflows.Asks}, times: []time.Duration{0},
			messages: func(env *testsuite.TestWorkflowEnvironment) {
				env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.OfferSignal, held("other")) }, time.Hour)
			},
		},
		{name: "where people are told nothing", silent: true, messages: nobody},
	} {
		t.Run(tc.name, func(t *testing.T) {
			request := held(seen)
			request.Notify, request.Key = !tc.silent, tc.key
			notices, times := told(t, tc.refuses, request, tc.messages)
			require.Equal(t, tc.news, news(notices))
			require.Equal(t, tc.times, times)
			if len(notices) == 0 {
				return
			}
			require.Equal(t, []string{"delete a (too many)"}, notices[0].Lines)
			require.Equal(t, seen, notices[0].Digest)
			require.Equal(t, "prod-1", notices[0].Scope)
			last := notices[len(notices)-1]
			if tc.state != "" {
				require.Equal(t, tc.state, last.State)
			}
			if tc.state == workflows.ApprovalApplied {
				require.Equal(t, "ann", last.Decision.By)
				require.Len(t, []rune(last.Decision.Comment), 300, "a long text is shortened")
			}
		})
	}
}
