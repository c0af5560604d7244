// Package temporalapi is Temporal as something that is managed: its schedules. The calls go through Temporal's own client,
// and so are encoded, encrypted and observed as all others. They refuse to write outside apply.
package temporalapi

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Config says which namespace is managed, and how.
type Config struct {
	Service   workflowservice.WorkflowServiceClient
	Namespace string
	// Identity is who makes changes, as Temporal records it.
	Identity string
	// Converter is that of everybody who uses the namespace; nil stands for Temporal's own.
	Converter converter.DataConverter
}

// Client manages one namespace. It is safe for concurrent use. Its errors name the object; their kind is that of
// internal/apierr.
type Client struct {
	Config
}

// New makes a client. It does no I/O.
func New(c Config) *Client {
	if c.Converter == nil {
		c.Converter = converter.GetDefaultDataConverter()
	}
	return &Client{c}
}

// patience bounds a call, since Temporal's client bounds only its own.
const patience = 20 * time.Second

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}

// classify gives an error of the server its kind.
func classify(err error) error {
	var (
		missing    *serviceerror.NotFound
		noSpace    *serviceerror.NamespaceNotFound
		exists     *serviceerror.AlreadyExists
		started    *serviceerror.WorkflowExecutionAlreadyStarted
		stale      *serviceerror.FailedPrecondition
		invalid    *serviceerror.InvalidArgument
		denied     *serviceerror.PermissionDenied
		exhausted  *serviceerror.ResourceExhausted
		classified *apierr.Error
	)
	switch {
	case err == nil, errors.As(err, &classified), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &noSpace), errors.As(err, &invalid):
		return apierr.New(apierr.Invalid, err)
	case errors.As(err, &missing):
		return apierr.New(apierr.Missing, err)
	case errors.As(err, &exists), errors.As(err, &started), errors.As(err, &stale):
		return apierr.New(apierr.Conflict, err)
	case errors.As(err, &denied):
		return apierr.New(apierr.Denied, err)
	case errors.As(err, &exhausted):
		return apierr.New(apierr.Limited, err)
	}
	return apierr.New(apierr.Unavailable, err)
}
