package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// tries is how often a step is tried in all before an error of the kind ends it. The schedule-to-close timeout
// of the step's profile bounds what waits for somebody else.
func tries(kind apierr.Kind, known bool) int32 {
	const few, many = 5, 100
	switch {
	case known && !kind.Retryable():
		return 1
	case kind == apierr.Limited, kind == apierr.NotYet:
		return many
	}
	return few
}

// final says whether an error of the kind ends the step at its current try. Being cut off never does, unless another
// worker would fail in the same way.
func final(ctx context.Context, kind apierr.Kind, known bool) bool {
	limit := tries(kind, known)
	return limit == 1 || (pulseOf(ctx).try() >= limit && !cutOff(ctx))
}

// typed is an error with a name of its own, which scripts and exit codes rely on.
type typed interface{ ErrorType() string }

// failure turns an error into Temporal's form: its type is the kind's name (or the error's own), and the kind
// decides whether and when the step is tried again.
func failure(ctx context.Context, err error) error {
	var application *temporal.ApplicationError
	if err == nil || errors.As(err, &application) || temporal.IsCanceledError(err) || errors.Is(err, activity.ErrResultPending) {
		return err
	}
	if cause := context.Cause(ctx); temporal.IsCanceledError(cause) {
		return cause
	}
	kind, known := apierr.KindOf(err)
	options := temporal.ApplicationErrorOptions{
		NonRetryable:   final(ctx, kind, known),
		NextRetryDelay: apierr.RetryAfter(err),
	}
	if !options.NonRetryable {
		pulseOf(ctx).end(ctx, !cutOff(ctx))
	}
	if kind == apierr.NotYet {
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	name := string(kind)
	var own typed
	if errors.As(err, &own) {
		name = own.ErrorType()
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), name, options)
}
