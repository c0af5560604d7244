package logging

import (
	"context"

	"go.temporal.io/sdk/log"
)

type contextKey struct{}

// Into returns a context in which From gives the logger.
func Into(ctx context.Context, logger log.Logger) context.Context {
	return context.WithValue(ctx, contextKey{}, logger)
}

// From returns the logger of the step that ctx belongs to. Elsewhere it is one that writes nothing.
func From(ctx context.Context) log.Logger {
	if logger, ok := ctx.Value(contextKey{}).(log.Logger); ok {
		return logger
	}
	return Silent()
}

// Silent writes nothing.
func Silent() log.Logger { return silent{} }

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
