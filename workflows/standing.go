package workflows

import (
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// MemoStanding is the field of a run's memo that holds its Standing, where that is not the zero value.
const MemoStanding = "standing"

// Standing is what people were told last of the scheduled runs of an integration. The zero value is that nothing is wrong.
type Standing struct {
	// Since is when the runs began to fail; zero while they do not.
	Since time.Time `json:"since,omitzero"`
	// Told is when people were told last that they do.
	Told time.Time `json:"told,omitzero"`
	// Scopes are those that people know to fail.
	Scopes []string `json:"scopes,omitempty"`
}

const (
	// tellAgain is after how long people are told again of what fails still.
	tellAgain = 24 * time.Hour
	// mostScopesKnown bounds the scopes of a Standing. Of more nobody is told one by one.
	mostScopesKnown = 100
)

// failing says whether people were told that the runs fail.
func (s Standing) failing() bool { return !s.Since.IsZero() }

// after is where the runs stand after one more, and what of that is news. A run that was skipped says nothing.
func (s Standing) after(r *Result, now time.Time) (Standing, News) {
	switch failing := r.Outcome == Failed || r.Outcome == Invalid; {
	case r.Outcome == Skipped, !failing && !s.failing():
		return s, ""
	case !failing:
		return Standing{}, Recovered
	}
	scopes := r.failing()
	switch {
	case !s.failing():
		return Standing{Since: now, Told: now, Scopes: scopes}, Fails
	case now.Sub(s.Told) >= tellAgain:
		return Standing{Since: s.Since, Told: now, Scopes: scopes}, StillFails
	case len(s.Scopes) >= mostScopesKnown, !slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(s.Scopes, scope) }):
		return s, ""
	}
	known := append(slices.Clone(s.Scopes), scopes...)
	slices.Sort(known)
	known = slices.Compact(known)
	return Standing{Since: s.Since, Told: now, Scopes: known[:min(mostScopesKnown, len(known))]}, FailsMore
}

// failing are the scopes in which something failed, or faults were found, sorted. The scope of an integration that is not
// split is "".
func (r *Result) failing() []string {
	var scopes []string
	for _, failure := range r.Errors {
		scopes = append(scopes, failure.Scope)
	}
	for _, finding := range r.Findings {
		if finding.Severity == plan.SeverityError {
			scopes = append(scopes, finding.Scope)
		}
	}
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	return scopes[:min(mostScopesKnown, len(scopes))]
}
