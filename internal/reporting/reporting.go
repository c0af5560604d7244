// Package reporting tells Sentry of runs that failed and of steps that panicked.
package reporting

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Reporter sends events to Sentry, in the background. A nil one sends none.
type Reporter struct {
	client *sentry.Client
	// runs says that failed runs are reported too, and not only panics.
	runs bool
}

// flush is how long Stop waits for the last events to be sent.
const flush = 5 * time.Second

// FromEnvironment reports to SENTRY_DSN; without it there is no reporter. SENTRY_EVENT_LEVEL is the reference's: CRITICAL, the
// default, reports panics, and ERROR failed runs too.
func FromEnvironment(getenv func(string) string, release string) (*Reporter, error) {
	dsn := getenv("SENTRY_DSN")
	if dsn == "" {
		return nil, nil //nolint:nilnil // a nil reporter reports nothing.
	}
	r := &Reporter{}
	switch level := strings.ToUpper(getenv("SENTRY_EVENT_LEVEL")); level {
	case "", "CRITICAL":
	case "ERROR":
		r.runs = true
	default:
		return nil, apierr.Errorf(apierr.Invalid, "SENTRY_EVENT_LEVEL: %q is neither CRITICAL nor ERROR", level)
	}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: dsn, Environment: getenv("SENTRY_ENVIRONMENT"), Release: release, BeforeSend: scrub,
		// Of the process only what is said here is sent.
		Integrations: func([]sentry.Integration) []sentry.Integration { return nil },
	})
	if err != nil {
		// The error of Sentry's library may quote the DSN, which is a credential.
		return nil, apierr.Errorf(apierr.Invalid, "SENTRY_DSN is not a Sentry DSN: it is written https://KEY@HOST/PROJECT")
	}
	r.client = client
	return r, nil
}

// Stop sends the events that are left.
func (r *Reporter) Stop() {
	if r != nil {
		r.client.Flush(flush)
	}
}

// Panic reports a step that panicked. Labels say where: integration, scope, workflow, run and so on.
func (r *Reporter) Panic(cause any, labels map[string]string) {
	if r == nil {
		return
	}
	r.send(sentry.LevelFatal, fmt.Sprintf("panic: %v", cause), labels, []string{labels["integration"], labels["step"], "panic"}, sentry.NewStacktrace())
}

// Failed reports a run that failed: each scope in which something did, once.
func (r *Reporter) Failed(result *workflows.Result) {
	if r == nil || !r.runs {
		return
	}
	byScope := map[string][]workflows.Failure{}
	for _, failure := range result.Errors {
		byScope[failure.Scope] = append(byScope[failure.Scope], failure)
	}
	for _, found := range result.Findings {
		if found.Severity == "error" {
			byScope[found.Scope] = append(byScope[found.Scope], workflows.Failure{Kind: string(workflows.Invalid), Message: found.Subject + ": " + found.Message})
		}
	}
	for _, scope := range slices.Sorted(maps.Keys(byScope)) {
		failures := byScope[scope]
		var texts []string
		for _, failure := range failures {
			texts = append(texts, failure.Message)
		}
		labels := map[string]string{
			"integration": result.Integration, "scope": scope, "workflow": result.WorkflowID, "run": result.RunID,
			"bundle": result.Bundle, "kind": failures[0].Kind,
		}
		r.send(sentry.LevelError, result.Integration+": "+strings.Join(texts, "\n"), labels, []string{result.Integration, scope, failures[0].Kind}, nil)
	}
}

func (r *Reporter) send(level sentry.Level, message string, labels map[string]string, fingerprint []string, stack *sentry.Stacktrace) {
	event := sentry.NewEvent()
	event.Level, event.Message, event.Fingerprint = level, message, fingerprint
	for name, value := range labels {
		if value != "" {
			event.Tags[name] = value
		}
	}
	if stack != nil {
		event.Exception = []sentry.Exception{{Type: "panic", Value: message, Stacktrace: stack}}
	}
	r.client.CaptureEvent(event, nil, nil)
}
