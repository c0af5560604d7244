package views

import (
	"context"
	"errors"

	"go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/app-sre/qontract-temporal/workflows"
)

// resultOf is what a failed child ended with.
func (r *reader) resultOf(ctx context.Context, why *failure.Failure) *workflows.Result {
	result := &workflows.Result{}
	for why.GetCause() != nil && why.GetApplicationFailureInfo() == nil {
		why = why.GetCause()
	}
	if details := why.GetApplicationFailureInfo(); details.GetType() == workflows.FailedRun && r.Payloads.FromHistory(ctx, details.GetDetails(), result) == nil {
		return result
	}
	return &workflows.Result{Errors: []workflows.Failure{{Scope: r.scope, Message: errorOf(r.Source, why).Error()}}}
}

// errorOf is the text of a failure without what the SDK adds to it.
func errorOf(s Source, why *failure.Failure) error {
	for why.GetCause() != nil && why.GetApplicationFailureInfo() == nil {
		why = why.GetCause()
	}
	err := temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: s.Payloads.Converter}).FailureToError(why)
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return errors.New(application.Message())
	}
	return err
}
