package quayapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// refusal is an answer of 300 and above, with what Quay said about it.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("%s (%d)", r.message, r.status)
	switch r.status {
	case http.StatusUnauthorized:
		return text + ": renew the automationToken of the organisation"
	case http.StatusForbidden:
		return text + ": the organisation does not exist, or its automationToken may not administer it"
	default:
		return text
	}
}

// refused classifies an answer that is no success. Quay uses the status codes as RFC 9110 means them.
func refused(resp *http.Response, body []byte) error {
	return apierr.FromResponse(resp, &refusal{status: resp.StatusCode, message: message(resp, body)})
}

// message finds what Quay said. The API puts it into detail and error_message, the data model behind it and the web
// framework into message, and the proxies in front answer with pages of HTML, which say no more than the status.
func message(resp *http.Response, body []byte) string {
	var said struct {
		Message      string `json:"message"`
		Detail       string `json:"detail"`
		ErrorMessage string `json:"error_message"`
	}
	if err := json.Unmarshal(body, &said); err == nil {
		for _, text := range []string{said.Message, said.Detail, said.ErrorMessage} {
			if text != "" {
				return text
			}
		}
	}
	if text := http.StatusText(resp.StatusCode); text != "" {
		return text
	}
	return "no reason given"
}

// said tells whether Quay refused a request with exactly this message. It has no error codes of its own for what its
// data model refuses: all of that is a 400 with a sentence.
func said(err error, sentence string) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.status == http.StatusBadRequest && refused.message == sentence
}
