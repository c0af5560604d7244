package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Error codes that say more than their status, which is mostly 400. Throttling has the SDK's own list.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each service's API reference
var (
	// credentialCodes mean that AWS does not accept who asks.
	credentialCodes = []string{
		"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
		"SignatureDoesNotMatch", "UnrecognizedClientException",
	}
	deniedCodes = []string{
		"AccessDenied", "AccessDeniedException", "AccessDeniedForDependencyException", "AuthFailure", "DependencyAccessDeniedException",
		"IncompleteSignature", "InvalidSecurity", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized",
		"OptInRequired", "RegionDisabledException", "SubscriptionRequiredException", "UnauthorizedOperation",
	}
	notYetCodes      = []string{"EntityTemporarilyUnmodifiable", "FinalizingOrganizationException"}
	unavailableCodes = []string{"InternalFailure", "RequestTimeout", "RequestTimeoutException", "ResourceUnavailableException", "ServiceUnavailable"}
	limitCodes       = []string{"LimitExceeded"}
	// Parts of the names of codes, of which each service has its own.
	missingParts  = []string{"DoesNotExist", "NoSuch", "NonExistent", "NotFound"}
	conflictParts = []string{"AlreadyExists", "ConcurrentModification", "Conflict", "Duplicate"}
)

// refusal is AWS's answer to a request that it does not carry out.
type refusal struct {
	service, operation string
	status             int
	code, message      string
	remedy             string
}

func (r *refusal) Error() string {
	message := r.message
	if message == "" {
		message = "no reason given"
	}
	text := fmt.Sprintf("%s %s: %s (%d %s)", r.service, r.operation, message, r.status, r.code)
	if r.remedy != "" {
		text += ": " + r.remedy
	}
	return text
}

// UnknownKey says whether AWS did not know the credentials of a call. That is so for credentials that are disabled or
// gone, and for a while for an access key that has just been made; a permission that lacks is something else.
func UnknownKey(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) && slices.Contains(credentialCodes, refused.code)
}

// credentialsRefused says the same of an error that is not classified yet.
func credentialsRefused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(credentialCodes, api.ErrorCode())
}

// classify says what an error of the SDK means. What is classified already keeps its kind, and the end of the context has
// none.
func (c *Client) classify(err error) error {
	var failed *smithy.OperationError
	if !errors.As(err, &failed) {
		return err
	}
	var known *apierr.Error
	if errors.As(err, &known) {
		return known
	}
	service, operation := failed.Service(), failed.Operation()
	var invalid smithy.InvalidParamsError
	var api smithy.APIError
	var unsent *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &api):
		return c.classifyAnswer(&refusal{service: service, operation: operation, code: api.ErrorCode(), message: api.ErrorMessage()}, err)
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return apierr.Errorf(apierr.Unavailable, "%s %s: no answer before the deadline: %w", service, operation, context.DeadlineExceeded)
	case errors.As(err, &unsent):
		return apierr.Errorf(apierr.Unavailable, "%s %s: cannot reach AWS: %w", service, operation, unsent.Err)
	case errors.As(err, &invalid):
		return apierr.Errorf(apierr.Invalid, "%s %s: %w", service, operation, invalid)
	}
	return apierr.Errorf(apierr.Unavailable, "%s %s: the answer is not what AWS sends: %w", service, operation, failed.Err)
}

// classifyAnswer tells by the answer's code, and where that says nothing by its status.
func (c *Client) classifyAnswer(refused *refusal, err error) error {
	var raw *awshttp.ResponseError
	response := &http.Response{StatusCode: http.StatusBadRequest}
	if errors.As(err, &raw) && raw.Response != nil && raw.Response.Response != nil {
		response = raw.Response.Response
	}
	refused.status = response.StatusCode
	_, throttled := retry.DefaultThrottleErrorCodes[refused.code]
	has := func(part string) bool { return strings.Contains(refused.code, part) }
	kind := apierr.FromStatus(refused.status)
	switch {
	case throttled:
		return apierr.Throttled(apierr.RetryAfter(apierr.FromResponse(response, refused)), refused)
	case slices.Contains(credentialCodes, refused.code):
		kind = apierr.Denied
		// What AWS says of a signature that does not fit repeats the request, the session's token included.
		refused.message = "AWS does not accept the credentials"
		refused.remedy = fmt.Sprintf("renew the access key in secret %s, or wait where it is new", c.access.Credentials.Path)
	case slices.Contains(deniedCodes, refused.code):
		kind = apierr.Denied
	case slices.Contains(notYetCodes, refused.code):
		kind = apierr.NotYet
	case slices.Contains(unavailableCodes, refused.code):
		kind = apierr.Unavailable
	case slices.Contains(limitCodes, refused.code):
		kind = apierr.Invalid
	case slices.ContainsFunc(missingParts, has):
		kind = apierr.Missing
	case slices.ContainsFunc(conflictParts, has):
		kind = apierr.Conflict
	}
	return &apierr.Error{Kind: kind, RetryAfter: apierr.RetryAfter(apierr.FromResponse(response, refused)), Err: refused}
}
