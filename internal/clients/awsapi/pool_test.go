package awsapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

// assumed counts the sessions that were begun.
func (w *world) assumed() int {
	count := 0
	for _, call := range w.Calls() {
		if call.Operation == "AssumeRole" && call.Error == "" {
			count++
		}
	}
	return count
}

func TestRolesAreAssumedOneAfterTheOther(t *testing.T) {
	w := start(t)
	identity, err := w.connect(t, inMember()).GetCallerIdentity(t.Context())
	require.NoError(t, err)
	require.Equal(t, awsapi.Identity{AccountID: member, ARN: "arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/qontract"}, identity)
	identity, err = w.connect(t, manages()).GetCallerIdentity(t.Context())
	require.NoError(t, err)
	require.Equal(t, "arn:aws:sts::111111111111:assumed-role/AccountManager/AccountManager", identity.ARN)
}

func TestSessionsAreKept(t *testing.T) {
	w := start(t)
	first := w.connect(t, inMember())
	for range 3 {
		require.Same(t, first, w.connect(t, inMember()))
		w.connect(t, manages())
		_, err := first.GetCallerIdentity(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 2, w.assumed(), "one for each role")
	require.Equal(t, 1, w.vault.reads("creds/payer"))

	elsewhere := inMember()
	elsewhere.Region = "eu-west-1"
	require.NotSame(t, first, w.connect(t, elsewhere))
	require.Equal(t, "eu-west-1", w.Calls()[len(w.Calls())-1].Region)
	require.NotSame(t, first, w.connect(t, as("root")))
}

func TestASessionThatAWSForgotIsBegunAgain(t *testing.T) {
	w := start(t)
	client := w.connect(t, inMember())
	w.clock.advance(2 * time.Hour)
	_, err := client.ListRegions(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, w.assumed(), "both roles again")
}

func TestARotatedAccessKeyIsTakenUp(t *testing.T) {
	w := start(t)
	client := w.connect(t, as("root"))
	_, err := client.GetCallerIdentity(t.Context())
	require.NoError(t, err)
	w.Edit(func(e *aws.Estate) {
		e.Accounts[payer].Users["root"].Keys = map[string]*aws.Key{"AKIANEXT": {Secret: "qt-planted-next"}}
	})
	w.vault.put("creds/root", "AKIANEXT", "qt-planted-next")
	require.NoError(t, client.CreateUser(applying(t), "somebody"))
	require.Contains(t, w.Dump().Accounts[payer].Users, "somebody")
}

func TestManyAtOnceShareASession(t *testing.T) {
	w := start(t)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			client, err := w.pool.Connect(t.Context(), inMember())
			if err != nil {
				return err
			}
			_, err = client.ListRegions(t.Context())
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Equal(t, 2, w.assumed())
	require.Equal(t, 1, w.vault.reads("creds/payer"))
}

func TestManyAtOnceTakeUpARotatedKey(t *testing.T) {
	w := start(t)
	client := w.connect(t, as("root"))
	w.Edit(func(e *aws.Estate) {
		e.Accounts[payer].Users["root"].Keys = map[string]*aws.Key{"AKIANEXT": {Secret: "qt-planted-next"}}
	})
	w.vault.put("creds/root", "AKIANEXT", "qt-planted-next")
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			_, err := client.GetCallerIdentity(t.Context())
			return err
		})
	}
	require.NoError(t, group.Wait())
}

func TestWhoCannotConnect(t *testing.T) {
	for _, tc := range []struct {
		name   string
		access awsapi.Access
		kind   apierr.Kind
		says   []string
	}{
		{"a role that is not there", as("payer", awsapi.Role{AccountID: payer, Name: "None"}), apierr.Denied,
			[]string{"aws payer, None in 111111111111: log in: aws payer: assume role arn:aws:iam::111111111111:role/None: STS AssumeRole: User: arn:aws:iam::111111111111:user/automation is not authorized", "(403 AccessDenied): see that the role is there"}},
		{"an account that is not there", as("payer", awsapi.Role{AccountID: "999999999999", Name: access}), apierr.Denied, []string{"arn:aws:iam::999999999999:role/OrganizationAccountAccessRole"}},
		{"a role that trusts somebody else", as("payer", awsapi.Role{AccountID: payer, Name: manager}, awsapi.Role{AccountID: member, Name: access}, awsapi.Role{AccountID: payer, Name: manager}), apierr.Denied,
			[]string{"aws payer, AccountManager in 111111111111, OrganizationAccountAccessRole in 222222222222: assume role"}},
		{"a role in the middle that is not there", as("payer", awsapi.Role{AccountID: payer, Name: "None"}, awsapi.Role{AccountID: member, Name: access}), apierr.Denied, []string{"role/None"}},
		{"a role with a name that AWS does not take", as("payer", awsapi.Role{AccountID: payer, Name: ""}), apierr.Invalid, []string{"assume role"}},
		{"a key that AWS does not know", as("unknown", awsapi.Role{AccountID: payer, Name: manager}), apierr.Denied, []string{"AWS does not accept the credentials", "creds/unknown"}},
		{"a key with a wrong secret", as("wrong", awsapi.Role{AccountID: payer, Name: manager}), apierr.Denied, []string{"(403 SignatureDoesNotMatch)"}},
		{"a secret that is not there", as("none"), apierr.Invalid, []string{"aws payer: log in: AWS access key: there is no secret creds/none"}},
		{"a secret that is not whole", as("half"), apierr.Invalid, []string{"secret creds/half has no field aws_secret_access_key: add it"}},
		{"no region", awsapi.Access{Account: "payer"}, apierr.Invalid, []string{"no region"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t)
			_, err := w.pool.Connect(t.Context(), tc.access)
			fails(t, err, tc.kind, tc.says...)
		})
	}
}

func TestAFailureToConnectIsNotKept(t *testing.T) {
	w := start(t)
	w.Throttle("sts", aws.Throttle{Requests: 1, RetryAfter: 3})
	_, err := w.pool.Connect(t.Context(), manages())
	fails(t, err, apierr.Limited)
	require.Equal(t, 3*time.Second, apierr.RetryAfter(err))
	w.connect(t, manages())
}

// plainEnvironment takes away what the machine that tests run on says of AWS.
func plainEnvironment(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
}

func TestTheEnvironmentSaysWhereAWSIs(t *testing.T) {
	w := start(t)
	server := httptest.NewServer(w.Server)
	defer server.Close()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	for _, tc := range []struct {
		name        string
		environment map[string]string
		here        bool
	}{
		{"for all services", map[string]string{"AWS_ENDPOINT_URL": server.URL}, true},
		{"for one service", map[string]string{"AWS_ENDPOINT_URL": elsewhere.URL, "AWS_ENDPOINT_URL_STS": server.URL}, true},
		{"for one service alone", map[string]string{"AWS_ENDPOINT_URL_STS": server.URL}, true},
		{"for another service", map[string]string{"AWS_ENDPOINT_URL": elsewhere.URL, "AWS_ENDPOINT_URL_IAM": server.URL}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plainEnvironment(t)
			for name, value := range tc.environment {
				t.Setenv(name, value)
			}
			client, err := awsapi.NewPool(w.vault, awsapi.Options{}).Connect(t.Context(), as("root"))
			require.NoError(t, err)
			before := len(w.Calls())
			_, err = client.GetCallerIdentity(t.Context())
			require.Equal(t, tc.here, err == nil, "%v", err)
			require.Equal(t, tc.here, len(w.Calls()) > before)
		})
	}
}

// sent notes the hosts that are asked and answers nothing.
type sent struct{ hosts []string }

func (s *sent) Do(r *http.Request) (*http.Response, error) {
	s.hosts = append(s.hosts, r.URL.Host)
	return nil, errors.New("no answer")
}

func TestHostsOfAWS(t *testing.T) {
	for _, tc := range []struct {
		name        string
		environment map[string]string
		region      string
		hosts       []string // of STS, Organizations, IAM, Support, Service Quotas and Account
	}{
		{"by default", nil, "us-east-1", []string{"sts.us-east-1.amazonaws.com", "organizations.us-east-1.amazonaws.com", "iam.amazonaws.com", "support.us-east-1.amazonaws.com", "servicequotas.us-east-1.amazonaws.com", "account.us-east-1.amazonaws.com"}},
		{"in another region", nil, "eu-west-1", []string{"sts.eu-west-1.amazonaws.com", "organizations.us-east-1.amazonaws.com", "iam.amazonaws.com", "support.us-east-1.amazonaws.com", "servicequotas.eu-west-1.amazonaws.com", "account.us-east-1.amazonaws.com"}},
		{"where the environment's endpoints do not count", map[string]string{"AWS_ENDPOINT_URL": "http://one", "AWS_ENDPOINT_URL_IAM": "http://two", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "us-east-1",
			[]string{"sts.us-east-1.amazonaws.com", "organizations.us-east-1.amazonaws.com", "iam.amazonaws.com", "support.us-east-1.amazonaws.com", "servicequotas.us-east-1.amazonaws.com", "account.us-east-1.amazonaws.com"}},
		{"where each service has one", map[string]string{"AWS_ENDPOINT_URL_STS": "http://a", "AWS_ENDPOINT_URL_ORGANIZATIONS": "http://b", "AWS_ENDPOINT_URL_IAM": "http://c", "AWS_ENDPOINT_URL_SUPPORT": "http://d", "AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://e", "AWS_ENDPOINT_URL_ACCOUNT": "http://f"}, "us-east-1",
			[]string{"a", "b", "c", "d", "e", "f"}},
		{"for FIPS", map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-1", []string{"sts-fips.us-east-1.amazonaws.com", "organizations-fips.us-east-1.amazonaws.com", "iam-fips.amazonaws.com", "support-fips.us-east-1.amazonaws.com", "servicequotas-fips.us-east-1.amazonaws.com", "account-fips.us-east-1.amazonaws.com"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plainEnvironment(t)
			for name, value := range tc.environment {
				t.Setenv(name, value)
			}
			asked := &sent{}
			access := as("root")
			access.Region = tc.region
			client, err := awsapi.NewPool(start(t).vault, awsapi.Options{}).WithHTTP(asked).Connect(t.Context(), access)
			require.NoError(t, err)
			_, err = client.GetCallerIdentity(t.Context())
			fails(t, err, apierr.Unavailable)
			_, err = client.ListAccounts(t.Context())
			fails(t, err, apierr.Unavailable)
			_, err = client.GetAccountAlias(t.Context())
			fails(t, err, apierr.Unavailable)
			_, err = client.ListCases(t.Context())
			fails(t, err, apierr.Unavailable)
			_, err = client.GetServiceQuota(t.Context(), "ec2", "L-1")
			fails(t, err, apierr.Unavailable)
			_, err = client.ListRegions(t.Context())
			fails(t, err, apierr.Unavailable)
			require.Equal(t, tc.hosts, asked.hosts)
		})
	}
}

func TestNothingElseOfADevelopersMachineCounts(t *testing.T) {
	w := start(t)
	server := httptest.NewServer(w.Server)
	defer server.Close()
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, ".aws"), 0o700))
	for name, text := range map[string]string{
		"config":      "[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\nretry_mode = adaptive\n[profile dev]\nendpoint_url = http://127.0.0.1:1\n",
		"credentials": "[default]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(home, ".aws", name), []byte(text), 0o600))
	}
	plainEnvironment(t)
	for name, value := range map[string]string{
		"HOME": home, "AWS_ENDPOINT_URL": server.URL, "AWS_PROFILE": "dev", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIADEV", "AWS_SECRET_ACCESS_KEY": "dev", "AWS_MAX_ATTEMPTS": "5",
	} {
		t.Setenv(name, value)
	}
	client, err := awsapi.NewPool(w.vault, awsapi.Options{}).Connect(t.Context(), as("root"))
	require.NoError(t, err)
	identity, err := client.GetCallerIdentity(t.Context())
	require.NoError(t, err)
	require.Equal(t, "arn:aws:iam::111111111111:user/root", identity.ARN)
	require.Equal(t, "us-east-1", w.Calls()[0].Region)

	w.Throttle("iam", aws.Throttle{Requests: 9})
	_, err = client.GetAccountAlias(t.Context())
	fails(t, err, apierr.Limited)
	require.Len(t, w.Calls(), 2, "nothing is tried again")
}

func TestAnEnvironmentThatCannotBeUsed(t *testing.T) {
	w := start(t)
	plainEnvironment(t)
	t.Setenv("AWS_USE_FIPS_ENDPOINT", "perhaps")
	_, err := awsapi.NewPool(w.vault, awsapi.Options{}).Connect(t.Context(), as("root"))
	fails(t, err, apierr.Invalid, "the AWS variables of the environment cannot be used", "perhaps")
}

func TestAnotherEndpointIsAnotherAWS(t *testing.T) {
	first, second := start(t), start(t)
	now := first
	pool := awsapi.NewPool(first.vault, awsapi.Options{Endpoint: func() (string, error) {
		if now == nil {
			return "", apierr.Errorf(apierr.Invalid, "there is no AWS")
		}
		return now.url, nil
	}})
	for _, w := range []*world{first, second, first} {
		now = w
		client, err := pool.Connect(t.Context(), manages())
		require.NoError(t, err)
		_, err = client.ListAccounts(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 1, first.assumed(), "its session was kept")
	require.Equal(t, 1, second.assumed(), "a session of the one is none of the other")
	for _, call := range second.Calls() {
		require.Empty(t, call.Error)
	}

	now = nil
	_, err := pool.Connect(t.Context(), manages())
	fails(t, err, apierr.Invalid, "aws payer", "there is no AWS")
}
