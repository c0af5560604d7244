package prcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Report is what a check came to, as `starter check -o json` prints it.
type Report struct {
	// Base and Head are the shas of the bundles.
	Base string `json:"base"`
	Head string `json:"head"`
	// Outcome is the worst of the runs; "skipped" where none had to run.
	Outcome workflows.Outcome `json:"outcome"`
	// Integrations are the runs' results by name, each as `starter run -o json` prints it.
	Integrations []*workflows.Result `json:"integrations"`
	LeftOut      []LeftOut           `json:"leftOut"`
}

// severity orders outcomes, the best first.
func severity() []workflows.Outcome {
	return []workflows.Outcome{
		workflows.Skipped, workflows.Clean, workflows.Success, workflows.Planned, workflows.Held, workflows.Invalid, workflows.Failed,
	}
}

// NewReport sorts the results and sums them up.
func NewReport(base, head string, results []*workflows.Result, leftOut []LeftOut) Report {
	r := Report{Base: base, Head: head, Outcome: workflows.Skipped, Integrations: slices.Clone(results), LeftOut: leftOut}
	slices.SortFunc(r.Integrations, func(a, b *workflows.Result) int { return strings.Compare(a.Integration, b.Integration) })
	for _, result := range results {
		if slices.Index(severity(), result.Outcome) > slices.Index(severity(), r.Outcome) {
			r.Outcome = result.Outcome
		}
	}
	return r
}

// FailedRun is the result of an integration whose run did not come to an end.
func FailedRun(integration, head string, err error) *workflows.Result {
	return &workflows.Result{
		Integration: integration, DryRun: true, Bundle: head, Outcome: workflows.Failed,
		Changes: []workflows.Change{}, Findings: []workflows.Found{}, Held: []workflows.HeldChange{},
		Errors: []workflows.Failure{{Message: err.Error()}},
	}
}

// Why says why a result's integration was run, or was not.
func Why(r *workflows.Result) string {
	switch {
	case r.Reason != "":
		return r.Reason
	case r.Comparison != nil:
		return r.Comparison.Reason
	case r.Outcome == workflows.Failed:
		return ""
	}
	return "it always runs (pr_check.always_run)"
}

// Headline counts the integrations and what they would change.
func (r Report) Headline() string {
	skipped, counts := 0, map[plan.Action]int{}
	var held, findings, failures int
	for _, result := range r.Integrations {
		if result.Outcome == workflows.Skipped {
			skipped++
		}
		for _, change := range result.Changes {
			counts[change.Action]++
		}
		held += len(result.Held)
		findings += len(result.Findings)
		failures += len(result.Errors)
	}
	text := fmt.Sprintf("%d of %d integrations ran", len(r.Integrations)-skipped, len(r.Integrations))
	if counts[plan.Create]+counts[plan.Update]+counts[plan.Delete]+held == 0 {
		text += ", nothing to change"
	} else {
		text += fmt.Sprintf(", %d to create, %d to update, %d to delete", counts[plan.Create], counts[plan.Update], counts[plan.Delete])
	}
	for _, more := range []struct {
		n    int
		noun string
	}{{held, "held for approval"}, {findings, "found"}, {failures, "failed"}} {
		if more.n > 0 {
			text += fmt.Sprintf(", %d %s", more.n, more.noun)
		}
	}
	return text
}
