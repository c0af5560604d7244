package githubapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-github/v88/github"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// failed classifies what went wrong with a call, and says what was tried and where.
func (c *Client) failed(what string, err error) error {
	return fmt.Errorf("github %s: %s: %w", c.host, what, classify(err))
}

// classify knows GitHub's answers, and leaves what was refused on the way out as it is. A token that is over its limit is
// answered with 403 or 429, which only the headers tell from a permission that lacks.
func classify(err error) error {
	var classified *apierr.Error
	var limited *github.RateLimitError
	var secondary *github.AbuseRateLimitError
	var refused *github.ErrorResponse
	var sending *url.Error
	switch {
	case errors.As(err, &classified), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &limited):
		return apierr.Throttled(max(time.Until(limited.Rate.Reset.Time), 0), errors.New("the token's rate limit is reached"))
	case errors.As(err, &secondary):
		after := time.Duration(0)
		if secondary.RetryAfter != nil {
			after = *secondary.RetryAfter
		}
		return apierr.Throttled(after, errors.New("the token makes too many requests at once"))
	case errors.As(err, &refused) && refused.Response != nil:
		return apierr.FromResponse(refused.Response, errors.New(explain(refused)))
	case errors.As(err, &sending):
		return apierr.New(apierr.Unavailable, sending.Err)
	}
	return apierr.New(apierr.Unavailable, err)
}

// explain says why a request was refused, and what helps where only one thing does.
func explain(refused *github.ErrorResponse) string {
	text := refused.Message
	if text == "" {
		text = http.StatusText(refused.Response.StatusCode)
	}
	text = fmt.Sprintf("%s (%d)", text, refused.Response.StatusCode)
	switch refused.Response.StatusCode {
	case http.StatusUnauthorized:
		return text + ": renew the token that its datafile names"
	case http.StatusForbidden:
		return text + ": give the token the scope that this needs"
	case http.StatusNotFound:
		return text + ": correct the name, or let the token's account read it"
	}
	return text
}
