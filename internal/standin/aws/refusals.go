package aws

import "net/http"

// refuse makes an error of credentials or permissions, which all services have, under the name that the caller's
// protocol gives it: JSON has exceptions.
func (c *call) refuse(code, message string) *refusal {
	switch c.protocol {
	case json11:
		return &refusal{status: http.StatusBadRequest, code: code + "Exception", message: message}
	case rest:
		return &refusal{status: http.StatusForbidden, code: code + "Exception", message: message}
	default:
		return &refusal{status: http.StatusForbidden, code: code, message: message}
	}
}

func (c *call) denied(message string) *refusal {
	if c.protocol == json10 {
		return &refusal{status: http.StatusBadRequest, code: "AccessDeniedException", message: message}
	}
	return c.refuse("AccessDenied", message)
}

// unknownKey is the answer to a key that does not exist, is disabled or is too new.
func (c *call) unknownKey() *refusal {
	const message = "The security token included in the request is invalid."
	if c.protocol == restXML {
		return &refusal{status: http.StatusForbidden, code: "InvalidAccessKeyId", message: "The AWS Access Key Id you provided does not exist in our records."}
	}
	if c.protocol == query || c.protocol == json10 {
		return &refusal{status: http.StatusForbidden, code: "InvalidClientTokenId", message: message}
	}
	return c.refuse("UnrecognizedClient", message)
}

func (c *call) unknownOperation() *refusal {
	if c.protocol == query {
		return &refusal{status: http.StatusBadRequest, code: "InvalidAction", message: "Could not find operation " + c.operation}
	}
	if c.protocol == restXML {
		return &refusal{status: http.StatusNotImplemented, code: "NotImplemented", message: "A header you provided implies functionality that is not implemented."}
	}
	return &refusal{status: http.StatusBadRequest, code: "UnknownOperationException", message: "The operation is not served: " + c.operation}
}

// throttled is how each service says that there were too many requests.
func (c *call) throttled(retryAfter int) *refusal {
	said := refusal{status: http.StatusBadRequest, code: "Throttling", message: "Rate exceeded", retryAfter: retryAfter}
	switch c.signature.service {
	case "organizations", "servicequotas":
		said.code = "TooManyRequestsException"
	case "account":
		said.status, said.code = http.StatusTooManyRequests, "TooManyRequestsException"
	case "support":
		said.code = "ThrottlingException"
	case "sqs":
		said.code = "RequestThrottled"
	case "s3":
		said.status, said.code, said.message = http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."
	}
	return &said
}

// invalid is a request of JSON that breaks a rule.
func invalid(code, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, message: message}
}
