package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Error codes of S3 whose status does not tell what they mean.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var (
	throttlingCodes  = []string{"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled"}
	credentialCodes  = []string{"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "AuthorizationHeaderMalformed"}
	unavailableCodes = []string{"RequestTimeout", "InternalError", "ServiceUnavailable", "OperationAborted"}
)

// failed classifies what went wrong with a key and names both. It returns nil for nil.
func (s *Store) failed(verb, key string, err error) error {
	if err == nil {
		return nil
	}
	what := fmt.Sprintf("%s state %s", verb, s.path(key))
	err = classify(err)
	switch {
	case apierr.Is(err, apierr.Missing):
		return apierr.Errorf(apierr.Missing, "%s: there is no such key; `starter state ls` lists the keys", what)
	case apierr.Is(err, apierr.Conflict):
		return apierr.New(apierr.Conflict, fmt.Errorf("%s: %w", what, err))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// classify says what an error of the libraries means. Errors that are classified already stay as they are, and so does
// the end of the context.
func classify(err error) error {
	var known *apierr.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() != 0 {
		return classifyResponse(response, err)
	}
	switch code := gcerrors.Code(err); {
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.EEXIST), errors.Is(err, syscall.ENOTEMPTY):
		return apierr.Errorf(apierr.Invalid, "in a folder a key cannot be both a value and the beginning of another key: %w", err)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return apierr.Errorf(apierr.Invalid, "the key is too long for a folder: %w", err)
	case errors.Is(err, fs.ErrPermission), code == gcerrors.PermissionDenied:
		return apierr.New(apierr.Denied, err)
	case code == gcerrors.NotFound:
		return apierr.New(apierr.Missing, err)
	case code == gcerrors.FailedPrecondition:
		return apierr.New(apierr.Conflict, err)
	case code == gcerrors.InvalidArgument:
		return apierr.New(apierr.Invalid, err)
	}
	var unsent *url.Error
	if errors.As(err, &unsent) {
		return apierr.Errorf(apierr.Unavailable, "cannot reach S3 at %s: %w", unsent.URL, unsent.Err)
	}
	if kind, ok := apierr.KindOf(err); ok {
		return apierr.New(kind, err)
	}
	return err
}

// classifyResponse tells by the answer's code, and where that says nothing by its status.
func classifyResponse(response *awshttp.ResponseError, err error) error {
	code := ""
	short := fmt.Errorf("S3 answered %d", response.HTTPStatusCode())
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
		short = fmt.Errorf("S3 answered %d %s: %s", response.HTTPStatusCode(), code, api.ErrorMessage())
	}
	status := response.HTTPStatusCode()
	switch {
	case code == "NoSuchBucket":
		return apierr.Errorf(apierr.Invalid, "%w: correct the name of the bucket, or create it", short)
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect, code == "IllegalLocationConstraintException":
		return apierr.Errorf(apierr.Invalid, "%w: the bucket is in another region, correct that", short)
	case slices.Contains(throttlingCodes, code):
		return &apierr.Error{Kind: apierr.Limited, RetryAfter: apierr.RetryAfter(apierr.FromResponse(response.HTTPResponse().Response, short)), Err: short}
	case slices.Contains(credentialCodes, code):
		return apierr.New(apierr.Denied, short)
	case slices.Contains(unavailableCodes, code), status < http.StatusBadRequest:
		return apierr.New(apierr.Unavailable, short)
	case code == "ConditionalRequestConflict", status == http.StatusPreconditionFailed:
		return apierr.Errorf(apierr.Conflict, "it is there already, or another writer changed it meanwhile")
	}
	return apierr.FromResponse(response.HTTPResponse().Response, short)
}
