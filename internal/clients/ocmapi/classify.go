package ocmapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// refusal is an answer of 300 and above, with what OCM said about it.
type refusal struct {
	status int
	// code is OCM's own, such as CLUSTERS-MGMT-404; reason is a sentence.
	code, reason string
	// operation finds the request in OCM's logs.
	operation string
}

func (r *refusal) Error() string {
	text := r.reason
	if r.code != "" {
		text = r.code + ": " + text
	}
	text = fmt.Sprintf("%s (%d)", text, r.status)
	switch r.status {
	case http.StatusUnauthorized:
		text += ": OCM does not take the access token; look at the service account of accessTokenClientId"
	case http.StatusForbidden:
		text += ": give the service account of accessTokenClientId a role that permits it"
	}
	if r.operation != "" {
		text += ", operation " + r.operation
	}
	return text
}

// refused classifies an answer that is no success. OCM uses the status codes as RFC 9110 means them. Its errors are
// {kind: Error, id, code, reason, operation_id}; proxies in front of it answer with what says no more than the status.
func refused(resp *http.Response, body []byte) error {
	var said struct {
		Kind, Code, Reason string
		Operation          string `json:"operation_id"`
	}
	r := &refusal{status: resp.StatusCode, reason: http.StatusText(resp.StatusCode)}
	if err := json.Unmarshal(body, &said); err == nil && said.Kind == "Error" {
		r.code, r.operation = said.Code, said.Operation
		if said.Reason != "" {
			r.reason = said.Reason
		}
	}
	return apierr.FromResponse(resp, r)
}

func refusedToken(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusUnauthorized
}
