package workflows

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

func TestWhatIsNews(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	in := func(scopes ...string) *Result {
		r := &Result{Outcome: Failed}
		for _, scope := range scopes {
			r.Errors = append(r.Errors, Failure{Scope: scope, Message: "no"})
		}
		return r
	}
	var many []string
	for i := range mostScopesKnown + 20 {
		many = append(many, fmt.Sprintf("s-%03d", i))
	}
	for _, tc := range []struct {
		name   string
		past   Standing
		run    *Result
		now    Standing
		notice News
	}{
		{"a run that succeeds as those before", Standing{}, &Result{Outcome: Clean}, Standing{}, ""},
		{"held changes are no failure", Standing{}, &Result{Outcome: Held}, Standing{}, ""},
		{"the first failure", Standing{}, in("b", "a", "b"), Standing{Since: now, Told: now, Scopes: []string{"a", "b"}}, Fails},
		{"the first failure of what is not split", Standing{}, in(""), Standing{Since: now, Told: now, Scopes: []string{""}}, Fails},
		{
			"the first faults", Standing{},
			&Result{Outcome: Invalid, Findings: []Found{{Scope: "a", Finding: plan.Finding{Severity: plan.SeverityError}}, {Scope: "b", Finding: plan.Finding{Severity: plan.SeverityInfo}}}},
			Standing{Since: now, Told: now, Scopes: []string{"a"}}, Fails,
		},
		{"the same again", Standing{Since: ago(30), Told: ago(23), Scopes: []string{"a", "b"}}, in("a"), Standing{Since: ago(30), Told: ago(23), Scopes: []string{"a", "b"}}, ""},
		{"the same after a day", Standing{Since: ago(30), Told: ago(24), Scopes: []string{"a", "b"}}, in("a"), Standing{Since: ago(30), Told: now, Scopes: []string{"a"}}, StillFails},
		{"one more scope", Standing{Since: ago(3), Told: ago(3), Scopes: []string{"a", "c"}}, in("a", "b"), Standing{Since: ago(3), Told: now, Scopes: []string{"a", "b", "c"}}, FailsMore},
		{"a scope that comes and goes", Standing{Since: ago(3), Told: ago(1), Scopes: []string{"a", "b"}}, in("b"), Standing{Since: ago(3), Told: ago(1), Scopes: []string{"a", "b"}}, ""},
		{"a run that recovers", Standing{Since: ago(3), Told: ago(3), Scopes: []string{"a"}}, &Result{Outcome: Success}, Standing{}, Recovered},
		{"a run that is skipped", Standing{Since: ago(3), Told: ago(3)}, &Result{Outcome: Skipped}, Standing{Since: ago(3), Told: ago(3)}, ""},
		{"more scopes than are noted", Standing{}, in(many...), Standing{Since: now, Told: now, Scopes: many[:mostScopesKnown]}, Fails},
		{
			"more scopes than are noted again", Standing{Since: ago(3), Told: ago(3), Scopes: many[:mostScopesKnown]}, in(many[10:]...),
			Standing{Since: ago(3), Told: ago(3), Scopes: many[:mostScopesKnown]}, "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stands, news := tc.past.after(tc.run, now)
			require.Equal(t, tc.now, stands)
			require.Equal(t, tc.notice, news)
		})
	}
}
