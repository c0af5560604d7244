package prcheck_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/prcheck"
	"github.com/app-sre/qontract-temporal/workflows"
)

func change(action plan.Action, summary, reason string) workflows.Change {
	return workflows.Change{Head: plan.Head{Action: action, Summary: summary, Reason: reason}, Outcome: workflows.Planned}
}

// results are one of each outcome.
func results() []*workflows.Result {
	return []*workflows.Result{
		{Integration: "z-skipped", Outcome: workflows.Skipped, Comparison: &workflows.Comparison{Reason: "the desired state is the same"}},
		{
			Integration: "planned", Outcome: workflows.Planned, Comparison: &workflows.Comparison{Reason: "it differs"},
			Changes: []workflows.Change{change(plan.Create, "create a", ""), change(plan.Update, "update b", "1 is 2"), change(plan.Delete, "delete c", "")},
		},
		{
			Integration: "held", Outcome: workflows.Held, Comparison: &workflows.Comparison{Reason: "it differs"},
			Held: []workflows.HeldChange{{Head: plan.Head{Summary: "delete d"}, Guard: "too many"}},
		},
		{Integration: "invalid", Outcome: workflows.Invalid, Findings: []workflows.Found{{Finding: plan.Finding{Severity: plan.SeverityError, Subject: "app x", Message: "is @odd"}}}},
		prcheck.FailedRun("failed", "head", errors.New("no worker | <script>")),
		{Integration: "clean", Outcome: workflows.Clean},
	}
}

func TestTheWorstOutcomeCounts(t *testing.T) {
	all := results()
	require.Equal(t, workflows.Skipped, prcheck.NewReport("b", "h", nil, nil).Outcome)
	require.Equal(t, workflows.Skipped, prcheck.NewReport("b", "h", all[:1], nil).Outcome)
	for _, tc := range []struct {
		without map[string]bool
		worst   workflows.Outcome
	}{
		{map[string]bool{}, workflows.Failed},
		{map[string]bool{"failed": true}, workflows.Invalid},
		{map[string]bool{"failed": true, "invalid": true}, workflows.Held},
		{map[string]bool{"failed": true, "invalid": true, "held": true}, workflows.Planned},
		{map[string]bool{"failed": true, "invalid": true, "held": true, "planned": true}, workflows.Clean},
	} {
		var some []*workflows.Result
		for _, result := range all {
			if !tc.without[result.Integration] {
				some = append(some, result)
			}
		}
		require.Equal(t, tc.worst, prcheck.NewReport("b", "h", some, nil).Outcome)
	}
}

func TestAnIntegrationWhoseToggleIsOffSaysSo(t *testing.T) {
	require.Equal(t, "the toggle is off", prcheck.Why(&workflows.Result{Outcome: workflows.Skipped, Reason: "the toggle is off"}))
}

func TestAComment(t *testing.T) {
	report := prcheck.NewReport("base", "head", results(), []prcheck.LeftOut{{Integration: "other", Reason: "disabled"}})
	text := report.Markdown(prcheck.MaxComment)
	require.Equal(t, strings.ReplaceAll(`### failed: 5 of 6 integrations ran, 1 to create, 1 to update, 1 to delete, 1 held for approval, 1 found, 1 failed

Bundle 'head' compared with 'base'.

| integration | outcome | why |
|---|---|---|
| clean | clean | it always runs (pr_check.always_run) |
| failed | failed |  |
| held | held | it differs |
| invalid | invalid | it always runs (pr_check.always_run) |
| planned | planned | it differs |
| z-skipped | skipped | the desired state is the same |
| other | left out | disabled |

<details><summary>failed: failed</summary>

'''diff
# failed: no worker | <script>
'''

</details>

<details><summary>held: held</summary>

'''diff
# held for approval: delete d: too many
'''

</details>

<details><summary>invalid: invalid</summary>

'''diff
# error: app x: is @odd
'''

</details>

<details><summary>planned: planned</summary>

'''diff
+ create a
! update b: 1 is 2
- delete c
'''

</details>
`, "'", "`"), text)
}

func TestWhatAUserWroteIsNoMarkup(t *testing.T) {
	result := &workflows.Result{
		Integration: "x", Outcome: workflows.Planned, Comparison: &workflows.Comparison{Reason: "a | b\n@all <img> `c`"},
		Changes: []workflows.Change{change(plan.Create, "create ```\n@all", "")},
	}
	text := prcheck.NewReport("b", "h", []*workflows.Result{result}, nil).Markdown(prcheck.MaxComment)
	require.Contains(t, text, "| a \\| b @\u200ball &lt;img> 'c' |")
	require.Contains(t, text, "```diff\n+ create ''' @all\n```\n")
}

func TestACommentHasRoom(t *testing.T) {
	var many []*workflows.Result
	total := 0
	for i := range 20 {
		result := &workflows.Result{Integration: fmt.Sprintf("integration-%02d", i), Outcome: workflows.Planned}
		for n := range 1000 {
			result.Changes = append(result.Changes, change(plan.Update, fmt.Sprintf("update number %d", n), strings.Repeat("x", 80)))
			total++
		}
		many = append(many, result)
	}
	report := prcheck.NewReport("b", "h", many, nil)
	for _, limit := range []int{400, 1000, 3000, 50_000, prcheck.MaxComment} {
		text := report.Markdown(limit)
		require.LessOrEqual(t, len(text), limit)
		require.Equal(t, strings.Count(text, "<details>"), strings.Count(text, "</details>"), "what is cut is closed")
		require.Equal(t, 2*strings.Count(text, "<details>"), strings.Count(text, "```"))
		require.Contains(t, text, "lines did not fit into this comment")
		shown := strings.Count(text, "! update number")
		if limit >= 3000 {
			require.Contains(t, text, fmt.Sprintf("**%d more lines", total-shown))
		}
	}
	require.NotContains(t, report.Markdown(10*prcheck.MaxComment), "did not fit")
}
