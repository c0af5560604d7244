package apierr

import (
	"net/http"
	"strconv"
	"time"
)

// FromStatus is the kind of an HTTP status code of 400 and above, for APIs that use the codes as RFC 9110 means them.
func FromStatus(code int) Kind {
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return Denied
	case code == http.StatusNotFound, code == http.StatusGone:
		return Missing
	case code == http.StatusConflict, code == http.StatusPreconditionFailed:
		return Conflict
	case code == http.StatusTooManyRequests:
		return Limited
	case code == http.StatusRequestTimeout, code >= http.StatusInternalServerError:
		return Unavailable
	default:
		return Invalid
	}
}

// FromResponse classifies err by the response that caused it, with the delay of its Retry-After header.
func FromResponse(resp *http.Response, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: FromStatus(resp.StatusCode), RetryAfter: parseRetryAfter(resp.Header.Get("Retry-After")), Err: err}
}

// parseRetryAfter reads both forms of the header (RFC 9110, 10.2.3): seconds and an HTTP date.
func parseRetryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
