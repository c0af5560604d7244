package registryapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// classify knows the answers of registries, and returns nil for what is none of theirs.
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
func classify(err error) error {
	var classified *apierr.Error
	var refused *transport.Error
	var sending *url.Error
	var network net.Error
	switch {
	case errors.As(err, &classified), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &refused):
		return apierr.Errorf(apierr.FromStatus(refused.StatusCode), "registry %s: %s", host(refused), explain(refused))
	case errors.As(err, &sending):
		return apierr.New(apierr.Unavailable, sending.Err)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return apierr.New(apierr.Unavailable, err)
	}
	return nil
}

func host(refused *transport.Error) string {
	if refused.Request == nil {
		return ""
	}
	return refused.Request.URL.Host
}

// explain says why a request was refused, and what helps where only one thing does.
func explain(refused *transport.Error) string {
	text := http.StatusText(refused.StatusCode)
	for _, one := range refused.Errors {
		if one.Message != "" {
			text = one.Message
			break
		}
	}
	text = fmt.Sprintf("%s (%d)", text, refused.StatusCode)
	switch refused.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return text + ": correct the name, or let the login of the saas file read it"
	case http.StatusNotFound:
		return text + ": correct the name, or push the image"
	}
	return text
}
