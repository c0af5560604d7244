package vaultapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/api"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// The ways in which a call fails, to be told apart with errors.Is.
var (
	// ErrSecretNotFound is a path that nothing was ever written to. Kind Missing.
	ErrSecretNotFound = errors.New("secret not found")
	// ErrFieldNotFound is a secret without the field. Kind Missing.
	ErrFieldNotFound = errors.New("field not found")
	// ErrVersionNotFound is a version that is not there, not yet or not any more. Kind Missing.
	ErrVersionNotFound = errors.New("version not found")
	// ErrVersionMissing is a reference to a KV v2 secret that names no version. Kind Invalid.
	ErrVersionMissing = errors.New("version missing")
	// ErrAccessForbidden is a secret that the login may not read or write. Kind Denied.
	ErrAccessForbidden = errors.New("access to the secret forbidden")
	// ErrPathAccessForbidden is a folder that the login may not list. Kind Denied.
	ErrPathAccessForbidden = errors.New("access to the path forbidden")
	// ErrLoginRefused is a login that Vault does not accept, or that lacks what is needed for it. Kind Denied or Invalid.
	ErrLoginRefused = errors.New("login refused")
	// ErrConnection is a Vault that cannot be reached, is sealed or fails. Kind Unavailable.
	ErrConnection = errors.New("vault does not answer")
	// ErrVersionConflict is a version that somebody else wrote meanwhile. Kind Conflict.
	ErrVersionConflict = errors.New("another version was written meanwhile")
)

// loginError is an error of the login that a call needs. It says where and what.
type loginError struct {
	err error
	// final is a login that fails again until somebody changes something.
	final bool
}

func (e loginError) Error() string { return e.err.Error() }

// Unwrap returns the error that was classified.
func (e loginError) Unwrap() error { return e.err }

// Is implements the interface of errors.Is.
func (e loginError) Is(target error) bool { return e.final && target == ErrLoginRefused }

var (
	errLimited = errors.New("vault asks to slow down")
	errClosed  = errors.New("the client is closed")
)

// operation is what was tried, for messages.
type operation struct {
	// does describes it in words.
	does string
	// forbidden is the error for a 403, and remedy what to do about it.
	forbidden error
	remedy    string
	// writes keeps what Vault says out of messages, since it may quote what was to be written.
	writes bool
}

// failed classifies the error of an operation and says what was tried and where.
func (c *Client) failed(o operation, err error) error {
	if err == nil {
		return nil
	}
	var login loginError
	if errors.As(err, &login) {
		return err
	}
	return fmt.Errorf("vault %s: %s: %w", c.host, o.does, o.classify(err))
}

func (o operation) classify(err error) error {
	var refused *api.ResponseError
	var classified *apierr.Error
	switch {
	case errors.As(err, &classified) && classified.Kind == apierr.Limited:
		return apierr.Throttled(classified.RetryAfter, errLimited)
	case errors.As(err, &classified), errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &refused):
		return apierr.Errorf(apierr.Unavailable, "%w: %w", ErrConnection, err)
	}
	switch said := o.said(refused); {
	case refused.StatusCode == http.StatusForbidden:
		return apierr.Errorf(apierr.Denied, "%w: %s", o.forbidden, o.remedy)
	case refused.StatusCode >= http.StatusInternalServerError:
		return apierr.Errorf(apierr.Unavailable, "%w: %s (%d)", ErrConnection, said, refused.StatusCode)
	default:
		return apierr.Errorf(apierr.FromStatus(refused.StatusCode), "%s (%d)", said, refused.StatusCode)
	}
}

// said is Vault's own reason on one line.
func (o operation) said(refused *api.ResponseError) string {
	reason := http.StatusText(refused.StatusCode)
	if o.writes || refused.RawError {
		return reason
	}
	return reasonOf(refused, reason)
}

// reasonOf joins what Vault says to one line; otherwise stands where it says nothing.
func reasonOf(refused *api.ResponseError, otherwise string) string {
	var reasons []string
	for _, text := range refused.Errors {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasSuffix(line, "occurred:") {
				reasons = append(reasons, strings.TrimPrefix(line, "* "))
			}
		}
	}
	if len(reasons) == 0 {
		return otherwise
	}
	return strings.Join(reasons, "; ")
}
