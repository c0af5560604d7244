// Package apierr names the few ways a call to an external system fails. A client classifies an error once,
// at its edge; the activity interceptor turns the kind into Temporal's retry behaviour, and no integration
// mentions Temporal at all.
package apierr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// Kind says what an error means for the caller and whether trying again can help.
type Kind string

const (
	// Invalid is data that breaks a rule: the data must change. Never retried.
	Invalid Kind = "Invalid"
	// Denied is a 401 or 403 that a fresh token did not cure. Never retried.
	Denied Kind = "Denied"
	// Missing is a 404. Never retried; a delete takes it as success.
	Missing Kind = "Missing"
	// Conflict is a lost race (409, stale resourceVersion). Retried soon.
	Conflict Kind = "Conflict"
	// Limited is throttling (429). Retried after the delay that the server named.
	Limited Kind = "Limited"
	// Unavailable is a server or network that may come back (5xx, timeout, reset). Retried.
	Unavailable Kind = "Unavailable"
	// Guard is a brake that only a person releases. Never retried.
	Guard Kind = "Guard"
	// NotYet is something still being made. Retried, and no reason for an alert.
	NotYet Kind = "NotYet"
)

// Kinds lists every kind, in the order of the documentation.
var kinds = [...]Kind{Invalid, Denied, Missing, Conflict, Limited, Unavailable, Guard, NotYet}

// Kinds returns every kind.
func Kinds() []Kind { return append([]Kind(nil), kinds[:]...) }

// Retryable says whether the same call may succeed later without anybody changing anything.
func (k Kind) Retryable() bool {
	switch k {
	case Conflict, Limited, Unavailable, NotYet:
		return true
	case Invalid, Denied, Missing, Guard:
		return false
	}
	return true
}

// Error is an error with its kind.
type Error struct {
	Kind Kind
	// RetryAfter is how long the server asked to wait; zero when it named no delay.
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error that was classified.
func (e *Error) Unwrap() error { return e.Err }

// New classifies err. It returns nil for nil.
func New(kind Kind, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Err: err}
}

// Errorf makes a classified error from a format, as fmt.Errorf does.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Throttled is a Limited error with the delay that the server asked for.
func Throttled(after time.Duration, err error) error {
	return &Error{Kind: Limited, RetryAfter: after, Err: err}
}

// KindOf returns the kind of the outermost classified error in err's chain. Timeouts and network errors that
// nobody classified are Unavailable; ok is false where nothing is known.
func KindOf(err error) (kind Kind, ok bool) {
	var classified *Error
	if errors.As(err, &classified) {
		return classified.Kind, true
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable, true
	}
	return "", false
}

// Is says whether err is of the kind.
func Is(err error, kind Kind) bool {
	k, ok := KindOf(err)
	return ok && k == kind
}

// RetryAfter returns the delay that the server asked for, or zero.
func RetryAfter(err error) time.Duration {
	var classified *Error
	if errors.As(err, &classified) {
		return classified.RetryAfter
	}
	return 0
}
