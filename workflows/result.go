package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// outcome sums the result up; the worst counts.
func (r *Result) outcome() Outcome {
	switch {
	case len(r.Errors) > 0:
		return Failed
	case r.faulty():
		return Invalid
	case len(r.Held) > 0:
		return Held
	case len(r.Changes) > 0 && r.DryRun:
		return Planned
	case slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Outcome == Waiting }):
		return Waiting
	case len(r.Changes) > 0:
		return Success
	case r.Reason != "", r.Comparison != nil && r.Comparison.nothing():
		return Skipped
	}
	return Clean
}

func (r *Result) faulty() bool {
	for _, finding := range r.Findings {
		if finding.Severity == plan.SeverityError {
			return true
		}
	}
	return false
}

// err is the error that the workflow ends with, or nil. It names every failure and carries the result.
func (r *Result) err() error {
	var messages []string
	switch r.Outcome {
	case Failed:
		for _, failure := range r.Errors {
			messages = append(messages, failure.String())
		}
	case Invalid:
		for _, finding := range r.Findings {
			if finding.Severity == plan.SeverityError {
				messages = append(messages, finding.Subject+": "+finding.Message)
			}
		}
	case Clean, Planned, Success, Held, Waiting, Skipped, Stuck:
		return nil
	}
	return temporal.NewNonRetryableApplicationError(shorten(messages), FailedRun, nil, r)
}

// namedInError bounds the failures whose text stands in the error itself; the details hold all of them.
const namedInError = 20

func shorten(messages []string) string {
	text := strings.Join(messages[:min(namedInError, len(messages))], "; ")
	if more := len(messages) - namedInError; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// String names the scope in front of the message.
func (f Failure) String() string {
	if f.Scope == "" {
		return f.Message
	}
	return f.Scope + ": " + f.Message
}

func (r *Result) fail(scope string, err error) {
	r.Errors = append(r.Errors, failureOf(scope, err))
}

// failureOf takes the message and the kind from the error that an activity ended with.
func failureOf(scope string, err error) Failure {
	failure := Failure{Scope: scope, Message: err.Error()}
	var application *temporal.ApplicationError
	var timeout *temporal.TimeoutError
	switch {
	case errors.As(err, &application):
		failure.Kind, failure.Message = application.Type(), application.Message()
	case errors.As(err, &timeout):
		failure.Kind = "Unavailable"
		failure.Message = fmt.Sprintf("no answer in time (%s timeout)", timeout.TimeoutType())
	case temporal.IsCanceledError(err):
		failure.Message = errCancelled.Error()
	}
	return failure
}

// add takes over what a scope's run ended with.
func (r *Result) add(scope *Result) {
	r.Changes = append(r.Changes, scope.Changes...)
	r.Findings = append(r.Findings, scope.Findings...)
	r.Held = append(r.Held, scope.Held...)
	r.Errors = append(r.Errors, scope.Errors...)
}

// ResultOf returns the result that a failed run carries, or nil when err is something else.
func ResultOf(err error) *Result {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.Type() != FailedRun {
		return nil
	}
	result := &Result{}
	if application.Details(result) != nil {
		return nil
	}
	return result
}

// listed bounds the findings and the failures in the current details, which people read in a browser.
const listed = 200

// markdown is what the current details of a run show: its scopes, or its findings.
func (r *Result) markdown(scopes []ScopeProgress) string {
	var b strings.Builder
	if len(scopes) > 0 {
		b.WriteString("| scope | outcome |\n|---|---|\n")
		for _, scope := range scopes {
			b.WriteString("| " + scope.Scope + " | " + string(scope.Outcome) + " |\n")
		}
	}
	for _, finding := range r.Findings[:min(listed, len(r.Findings))] {
		b.WriteString("- **" + string(finding.Severity) + "** " + finding.Subject + ": " + finding.Message + "\n")
	}
	for _, failure := range r.Errors[:min(listed, len(r.Errors))] {
		b.WriteString("- " + failure.String() + "\n")
	}
	if more := max(0, len(r.Findings)-listed) + max(0, len(r.Errors)-listed); more > 0 {
		b.WriteString(fmt.Sprintf("- … %d more\n", more))
	}
	if b.Len() == 0 {
		return "nothing found"
	}
	return b.String()
}
