package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

func TestARunCoversWhatTheComparisonSays(t *testing.T) {
	opened := workflows.Opened{Sharded: true, Shards: []string{"prod-1", "prod-2", "prod-3"}, Bundle: plan.Bundle{SHA: "head"}}
	plans := map[string]plan.Plan{"prod-1": planOf(1, 0), "prod-2": planOf(1, 0), "prod-3": {}}
	for _, tc := range []struct {
		name     string
		compared workflows.Comparison
		failing  map[string]error
		outcome  workflows.Outcome
		scopes   []string
		reason   string
	}{
		{name: "the same data: nothing", compared: workflows.Comparison{Verdict: workflows.RunNone, Reason: "it is the same"}, outcome: workflows.Skipped, reason: "it is the same"},
		{name: "other data: everything", compared: workflows.Comparison{Verdict: workflows.RunAll, Reason: "it differs"}, outcome: workflows.Planned, scopes: []string{"prod-1", "prod-2"}, reason: "it differs"},
		{name: "some scopes: those", compared: workflows.Comparison{Verdict: workflows.RunSome, Scopes: []string{"prod-2", "prod-3"}}, outcome: workflows.Planned, scopes: []string{"prod-2"}},
		{name: "scopes without a difference are clean", compared: workflows.Comparison{Verdict: workflows.RunSome, Scopes: []string{"prod-3"}}, outcome: workflows.Clean},
		{name: "no scope that is left: nothing", compared: workflows.Comparison{Verdict: workflows.RunSome, Reason: "prod-9 is gone"}, outcome: workflows.Skipped, reason: "prod-9 is gone"},
		{name: "an answer that says nothing: everything", outcome: workflows.Planned, scopes: []string{"prod-1", "prod-2"}},
		{
			name: "a comparison that fails: everything", failing: map[string]error{workflows.StepCompare: denied("boom")},
			outcome: workflows.Planned, scopes: []string{"prod-1", "prod-2"}, reason: "the bundles cannot be compared: boom",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := steps{opened: opened, plans: plans, compared: tc.compared, failing: tc.failing}
			with := &workflows.CompareWith{Base: "base", OnlyAffected: true}
			result, err := s.run(t, false, workflows.Input{DryRun: true, CompareWith: with})
			require.NoError(t, err)
			require.Equal(t, tc.outcome, result.Outcome)
			var scopes []string
			for _, change := range result.Changes {
				scopes = append(scopes, change.Scope)
			}
			require.Equal(t, tc.scopes, scopes)
			require.Equal(t, tc.reason, result.Comparison.Reason)
			if tc.outcome == workflows.Skipped {
				require.Equal(t, []string{"compare/"}, s.calls)
			}
		})
	}
}

func TestARunWithoutAnotherBundleComparesNothing(t *testing.T) {
	s := steps{plans: map[string]plan.Plan{"": planOf(1, 0)}}
	result, err := s.run(t, false, workflows.Input{DryRun: true})
	require.NoError(t, err)
	require.Nil(t, result.Comparison)
	require.NotContains(t, s.calls, "compare/")
}

func TestAValidatorIsSkippedToo(t *testing.T) {
	s := steps{findings: []plan.Finding{{Severity: plan.SeverityError}}, compared: workflows.Comparison{Verdict: workflows.RunNone}}
	result, err := s.run(t, true, workflows.Input{DryRun: true, CompareWith: &workflows.CompareWith{Base: "base"}})
	require.NoError(t, err)
	require.Equal(t, workflows.Skipped, result.Outcome)
	require.Empty(t, result.Findings)
}
