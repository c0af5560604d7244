package gitlabapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// failed classifies what went wrong with a call, and says what was tried and where. GitLab uses the status codes as
// RFC 9110 means them.
func (c *Client) failed(what string, resp *gitlab.Response, err error) error {
	return fmt.Errorf("gitlab %s: %s: %w", c.base.Host, what, classify(resp, err))
}

func classify(resp *gitlab.Response, err error) error {
	var classified *apierr.Error
	switch {
	case errors.As(err, &classified), errors.Is(err, context.Canceled):
		// It was refused on the way out, or nobody waits for it any more.
		return err
	case resp == nil || resp.Response == nil:
		return apierr.New(apierr.Unavailable, err)
	case resp.StatusCode < http.StatusMultipleChoices:
		return apierr.Errorf(apierr.Unavailable, "the answer broke off, or is not what GitLab's API sends: %w", err)
	}
	return apierr.FromResponse(resp.Response, errors.New(explain(resp.Response)))
}

// explain says why a request was refused, and what helps where only one thing does.
func explain(resp *http.Response) string {
	text := http.StatusText(resp.StatusCode)
	if kept, ok := resp.Body.(*keptBody); ok {
		if message := message(kept.text); message != "" {
			text = message
		}
	}
	// GitLab begins some messages with the status and others not.
	if text = strings.TrimPrefix(text, fmt.Sprintf("%d ", resp.StatusCode)); text == "" {
		text = "no reason given"
	}
	text = fmt.Sprintf("%s (%d)", text, resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return text + ": renew the token of the instance"
	case resp.StatusCode == http.StatusForbidden:
		return text + ": give the token's account the role and the token the scope that this needs"
	case resp.StatusCode < http.StatusBadRequest:
		return text + ": it has moved to another address; correct the url in app-interface"
	}
	return text
}

// message finds what GitLab said. The API puts it into message, as a text, a list, or lists by field; its framework
// into error; and what stands before it answers in other forms, which say no more than the status.
func message(body []byte) string {
	var said struct {
		Message          any    `json:"message"`
		Error            any    `json:"error"`
		ErrorDescription string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return ""
	}
	parts := slices.DeleteFunc([]string{flat(said.Message), flat(said.Error), said.ErrorDescription}, func(part string) bool { return part == "" })
	return strings.Join(parts, ": ")
}

func flat(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		parts := make([]string, len(value))
		for i, part := range value {
			parts[i] = flat(part)
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		parts := []string{}
		for field, part := range value {
			parts = append(parts, field+" "+flat(part))
		}
		slices.Sort(parts)
		return strings.Join(parts, "; ")
	}
	return ""
}
