package awsapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// saying serves one answer to everything.
func saying(t *testing.T, status int, header map[string]string, body string) *awsapi.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	client, err := awsapi.NewPool(start(t).vault, awsapi.Options{Endpoint: at(server.URL)}).Connect(t.Context(), as("root"))
	require.NoError(t, err)
	return client
}

func TestCodesOfAWS(t *testing.T) {
	for _, tc := range []struct {
		code   string
		status int
		kind   apierr.Kind
	}{
		{"Throttling", 400, apierr.Limited},
		{"ThrottlingException", 400, apierr.Limited},
		{"RequestLimitExceeded", 503, apierr.Limited},
		{"SlowDown", 503, apierr.Limited},
		{"TooManyRequestsException", 429, apierr.Limited},
		{"AccessDeniedException", 400, apierr.Denied},
		{"AccessDeniedForDependencyException", 400, apierr.Denied},
		{"OptInRequired", 400, apierr.Denied},
		{"RegionDisabledException", 403, apierr.Denied},
		{"SomethingNew", 403, apierr.Denied},
		{"SomethingNew", 401, apierr.Denied},
		{"AccountNotFoundException", 400, apierr.Missing},
		{"NoSuchResourceException", 400, apierr.Missing},
		{"AWS.SimpleQueueService.NonExistentQueue", 400, apierr.Missing},
		{"SomethingNew", 404, apierr.Missing},
		{"ConcurrentModificationException", 400, apierr.Conflict},
		{"DuplicateAccountException", 400, apierr.Conflict},
		{"ResourceAlreadyExistsException", 400, apierr.Conflict},
		{"SomethingNew", 409, apierr.Conflict},
		{"LimitExceeded", 409, apierr.Invalid},
		{"ConstraintViolationException", 400, apierr.Invalid},
		{"QuotaExceededException", 400, apierr.Invalid},
		{"ValidationException", 400, apierr.Invalid},
		{"UnsupportedAPIEndpointException", 400, apierr.Invalid},
		{"SomethingNew", 400, apierr.Invalid},
		{"EntityTemporarilyUnmodifiable", 409, apierr.NotYet},
		{"FinalizingOrganizationException", 400, apierr.NotYet},
		{"ServiceException", 500, apierr.Unavailable},
		{"InternalFailure", 400, apierr.Unavailable},
		{"RequestTimeout", 400, apierr.Unavailable},
		{"ResourceUnavailableException", 424, apierr.Unavailable},
		{"SomethingNew", 503, apierr.Unavailable},
	} {
		t.Run(fmt.Sprintf("%s %d", tc.code, tc.status), func(t *testing.T) {
			client := saying(t, tc.status, map[string]string{"Retry-After": "4"}, fmt.Sprintf(`{"__type": "com.amazonaws#%s", "Message": "as it is"}`, tc.code))
			_, err := client.DescribeAccount(t.Context(), member)
			fails(t, err, tc.kind, fmt.Sprintf("aws payer: describe account 222222222222: Organizations DescribeAccount: as it is (%d %s)", tc.status, tc.code))
			require.Equal(t, 4*time.Second, apierr.RetryAfter(err))
			require.False(t, awsapi.UnknownKey(err))
		})
	}
}

func TestAnAnswerWithoutAReason(t *testing.T) {
	_, err := saying(t, 400, nil, `{"__type": "InvalidInputException"}`).DescribeAccount(t.Context(), member)
	fails(t, err, apierr.Invalid, "Organizations DescribeAccount: no reason given (400 InvalidInputException)")
}

func TestWhatAWSSaysOfASignatureIsNotRepeated(t *testing.T) {
	const said = "The Canonical String for this request should have been 'POST x-amz-security-token:qt-planted-token'"
	for _, code := range []string{"SignatureDoesNotMatch", "InvalidSignatureException"} {
		_, err := saying(t, 403, nil, fmt.Sprintf(`{"__type": %q, "Message": %q}`, code, said)).DescribeAccount(t.Context(), member)
		fails(t, err, apierr.Denied, "AWS does not accept the credentials (403 "+code+")")
		require.NotContains(t, err.Error(), "Canonical")
	}
}

func TestAnAnswerThatLacksWhatItIsAbout(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		call func(context.Context, *awsapi.Client) error
	}{
		"CreateAccount": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.CreateAccount(ctx, "a@example.com", "a")
			return err
		}},
		"DescribeCreateAccountStatus": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.DescribeCreateAccountStatus(ctx, "car-1")
			return err
		}},
		"DescribeAccount": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.DescribeAccount(ctx, member)
			return err
		}},
		"ListUnits": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListUnits(ctx)
			return err
		}},
		"GetParent": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetParent(ctx, member)
			return err
		}},
		"GetCallerIdentity": {`<R><GetCallerIdentityResult></GetCallerIdentityResult></R>`, func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetCallerIdentity(ctx)
			return err
		}},
		"CreateAccessKey": {`<R><CreateAccessKeyResult></CreateAccessKeyResult></R>`, func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.CreateAccessKey(ctx, "a")
			return err
		}},
		"GetServiceQuota": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetServiceQuota(ctx, "ec2", "L-1")
			return err
		}},
		"RequestServiceQuotaIncrease": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.RequestServiceQuotaIncrease(ctx, "ec2", "L-1", 9)
			return err
		}},
		"GetQuotaRequest": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetQuotaRequest(ctx, "a")
			return err
		}},
		"CreateCase": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.CreateCase(ctx, "a", "b")
			return err
		}},
		"GetSecurityContact": {"{}", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetSecurityContact(ctx)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			fails(t, tc.call(applying(t), saying(t, 200, nil, tc.body)), apierr.Unavailable, "AWS sent an answer without ")
		})
	}
	_, err := saying(t, 200, nil, `{"cases": []}`).DescribeCase(t.Context(), "case-1")
	fails(t, err, apierr.Missing, "describe support case case-1: there is no such case")
}

func TestAListThatNeverEnds(t *testing.T) {
	_, err := saying(t, 200, nil, `{"Accounts": [], "NextToken": "again"}`).ListAccounts(t.Context())
	fails(t, err, apierr.Unavailable, "aws payer: list accounts: AWS gave the same token for the next page twice")
}

// endless answers with a list that never ends.
type endless struct{ read int }

func (e *endless) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"Accounts": [`), e))}, nil
}

func (e *endless) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = ' '
	}
	e.read += len(into)
	return len(into), nil
}

func TestAnAnswerThatNeverEndsIsBrokenOff(t *testing.T) {
	body := &endless{}
	client, err := awsapi.NewPool(newVault(), awsapi.Options{Endpoint: at("http://aws")}).WithHTTP(body).Connect(t.Context(), as("root"))
	require.NoError(t, err)
	_, err = client.ListAccounts(t.Context())
	fails(t, err, apierr.Unavailable, "aws payer: list accounts: ")
	require.Less(t, body.read, 100<<20)
}

func TestFailureMode14_AWSIsNotAskedUnseen(t *testing.T) {
	secrets := newVault()
	ctx, recording := inputs.Record(t.Context())
	_, err := awsapi.NewPool(secrets, awsapi.Options{Endpoint: at("http://aws")}).Connect(ctx, as("root"))
	fails(t, err, apierr.Invalid, "it reads AWS account payer, which is no data of app-interface")
	require.Equal(t, []string{"AWS account payer"}, recording.Outside())
	require.Zero(t, secrets.reads("creds/root"))
}

func TestAPageThatFailsFailsTheList(t *testing.T) {
	for name, list := range map[string]func(context.Context, *awsapi.Client) error{
		"accounts": func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListAccounts(ctx)
			return err
		},
		"units": func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListUnits(ctx)
			return err
		},
		"tags": func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListTags(ctx, member)
			return err
		},
		"regions": func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListRegions(ctx)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			client := w.connect(t, as("root"))
			w.faults.FailNth(2, fault.Failure{Status: http.StatusServiceUnavailable})
			fails(t, list(t.Context(), client), apierr.Unavailable)
		})
	}
}

func TestARegionStatusThatNobodyKnows(t *testing.T) {
	_, err := saying(t, 200, nil, `{"Regions": [{"RegionName": "moon-1", "RegionOptStatus": "WAXING"}]}`).ListRegions(t.Context())
	fails(t, err, apierr.Invalid, "region moon-1 has the status WAXING")
}
