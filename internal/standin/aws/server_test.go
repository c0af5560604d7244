package aws_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

const world = `
pageSize: 2
organizations:
  o-1:
    management: "111111111111"
    root: r-1
    units: {ou-1: {name: Teams, parent: r-1}}
accounts:
  "111111111111":
    name: payer
    email: payer@example.com
    parent: r-1
    support: business
    users:
      root:
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        keys: {AKIAROOT: {secret: hunter2}, AKIAOFF: {secret: hunter2, disabled: true}}
      nobody: {keys: {AKIANOBODY: {secret: hunter2}}}
      reader:
        policies: ["arn:aws:iam::111111111111:policy/read"]
        keys: {AKIAREADER: {secret: hunter2}}
    roles:
      admin: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    queues: {us-east-1: {requests: {}}}
  "222222222222": {name: team, email: team@example.com, parent: r-1, alias: the-team}
  "333333333333": {name: more, email: more@example.com, parent: ou-1}
services: {ec2: {name: Amazon EC2, quotas: {L-1: {name: Instances, value: 5}}}}
policies:
  "arn:aws:iam::111111111111:policy/read": ["organizations:Describe*", "iam:ListAccountAliases"]
`

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func load(t *testing.T, text string) *aws.Server {
	t.Helper()
	estate, err := aws.ParseEstate([]byte(text))
	require.NoError(t, err)
	return aws.New(estate, func() time.Time { return noon })
}

// asking is one request before it is signed.
type asking struct {
	service, operation, body string
	// key is AKIAROOT where it is empty; none sends no signature.
	key, secret, region string
	token               string
	// change changes the request after it was signed.
	change func(*http.Request)
}

func (a asking) request(t *testing.T) *http.Request {
	t.Helper()
	targets := map[string]string{"organizations": "AWSOrganizationsV20161128", "support": "AWSSupport_20130415", "servicequotas": "ServiceQuotasV20190624", "sqs": "AmazonSQS"}
	path, body := "/", a.body
	header := http.Header{}
	switch {
	case targets[a.service] != "":
		header.Set("X-Amz-Target", targets[a.service]+"."+a.operation)
		header.Set("Content-Type", "application/x-amz-json-1.1")
	case a.service == "account":
		path = "/" + strings.ToLower(a.operation[:1]) + a.operation[1:]
	default:
		body = "Action=" + a.operation + "&" + a.body
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://aws.example.com"+path, strings.NewReader(body))
	r.Header = header
	if a.key != "none" {
		credentials := awssdk.Credentials{AccessKeyID: a.key, SecretAccessKey: a.secret, SessionToken: a.token}
		if a.key == "" {
			credentials.AccessKeyID = "AKIAROOT"
		}
		if a.secret == "" {
			credentials.SecretAccessKey = "hunter2"
		}
		region := a.region
		if region == "" {
			region = "us-east-1"
		}
		digest := sha256.Sum256([]byte(body))
		require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(digest[:]), a.service, region, noon))
	}
	if a.change != nil {
		a.change(r)
	}
	return r
}

// ask returns the answer's status, header and text.
func ask(t *testing.T, s *aws.Server, a asking) (int, http.Header, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, a.request(t))
	return recorder.Code, recorder.Header(), recorder.Body.String()
}

func TestProtocol(t *testing.T) {
	for _, tc := range []struct {
		name   string
		asking asking
		status int
		// says is the whole body.
		says   string
		header map[string]string
	}{
		{"JSON 1.1", asking{service: "organizations", operation: "ListParents", body: `{"ChildId": "333333333333"}`}, 200,
			`{"Parents":[{"Id":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`, map[string]string{"Content-Type": "application/x-amz-json-1.1"}},
		{"an error of JSON 1.1", asking{service: "organizations", operation: "ListParents", body: `{"ChildId": "1"}`}, 400,
			`{"Message":"You specified a child that doesn't exist.","__type":"ChildNotFoundException"}`, map[string]string{"X-Amzn-Requestid": "00000000-0000-4000-8000-000000000001"}},
		{"an error of Support", asking{service: "support", operation: "DescribeCases", body: `{"caseIdList": ["x"]}`}, 400,
			`{"__type":"CaseIdNotFound","message":"No case found with the id: x"}`, nil},
		{"an answer without a body", asking{service: "organizations", operation: "TagResource", body: `{"ResourceId": "222222222222", "Tags": [{"Key": "a", "Value": "b"}]}`}, 200, `{}`, nil},
		{"JSON 1.0", asking{service: "sqs", operation: "ReceiveMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests"}`}, 200,
			`{}`, map[string]string{"Content-Type": "application/x-amz-json-1.0"}},
		{"an error of JSON 1.0", asking{service: "sqs", operation: "SendMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/none", "MessageBody": "x"}`}, 400,
			`{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`, map[string]string{"X-Amzn-Query-Error": "AWS.SimpleQueueService.NonExistentQueue;Sender"}},
		{"REST", asking{service: "account", operation: "EnableRegion", body: `{"RegionName": "af-south-1"}`}, 200, `{}`, map[string]string{"Content-Type": "application/json"}},
		{"an error of REST", asking{service: "account", operation: "GetAlternateContact", body: `{"AlternateContactType": "SECURITY"}`}, 404,
			`{"message":"No contact of the inputted alternate contact type found."}`, map[string]string{"X-Amzn-Errortype": "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws.account/"}},
		{"query", asking{service: "iam", operation: "ListAccessKeys", body: "UserName=nobody"}, 200,
			`<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccessKeysResult><AccessKeyMetadata><member><AccessKeyId>AKIANOBODY</AccessKeyId><Status>Active</Status><UserName>nobody</UserName></member></AccessKeyMetadata><IsTruncated>false</IsTruncated></ListAccessKeysResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></ListAccessKeysResponse>`,
			map[string]string{"Content-Type": "text/xml"}},
		{"query without a result", asking{service: "iam", operation: "CreateAccountAlias", body: "AccountAlias=payer"}, 200,
			`<CreateAccountAliasResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></CreateAccountAliasResponse>`, nil},
		{"an error of query, escaped", asking{service: "iam", operation: "AttachUserPolicy", body: "UserName=root&PolicyArn=" + url.QueryEscape("<&>")}, 404,
			`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>Policy &lt;&amp;&gt; does not exist or is not attachable.</Message></Error><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ErrorResponse>`, nil},
		{"an operation that is not served", asking{service: "iam", operation: "DeleteUser", body: "UserName=root"}, 400,
			`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation DeleteUser</Message></Error><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ErrorResponse>`, nil},
		{"a request that is no JSON", asking{service: "organizations", operation: "ListRoots", body: `roots`}, 400, `{"Message":"The request cannot be read","__type":"SerializationException"}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, header, text := ask(t, load(t, world), tc.asking)
			require.Equal(t, tc.says, text)
			require.Equal(t, tc.status, status)
			for name, value := range tc.header {
				require.Equal(t, value, header.Get(name), name)
			}
		})
	}
}

func TestWhoIsLetIn(t *testing.T) {
	describe := asking{service: "organizations", operation: "DescribeAccount", body: `{"AccountId": "222222222222"}`}
	aliases := asking{service: "iam", operation: "ListAccountAliases"}
	regions := asking{service: "account", operation: "ListRegions"}
	send := asking{service: "sqs", operation: "SendMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests", "MessageBody": "x"}`}
	whoami := asking{service: "sts", operation: "GetCallerIdentity"}
	for _, tc := range []struct {
		name   string
		change func(*asking)
		// codes are those of the services above; empty for success.
		describe, aliases, regions, send, whoami string
	}{
		{"a key that may do all", func(*asking) {}, "", "", "", "", ""},
		{"a key that may do some", func(a *asking) { a.key = "AKIAREADER" }, "", "", "AccessDeniedException", "AccessDeniedException", ""},
		{"a key that may do nothing", func(a *asking) { a.key = "AKIANOBODY" }, "AccessDeniedException", "AccessDenied", "AccessDeniedException", "AccessDeniedException", ""},
		{"a key that is not there", func(a *asking) { a.key = "AKIANONE" }, "UnrecognizedClientException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidClientTokenId"},
		{"a key that is disabled", func(a *asking) { a.key = "AKIAOFF" }, "UnrecognizedClientException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidClientTokenId"},
		{"a region that is not enabled", func(a *asking) { a.region = "af-south-1" }, "UnrecognizedClientException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidClientTokenId"},
		{"a secret that is wrong", func(a *asking) { a.secret = "hunter3" }, "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"},
		{"a token that nobody gave out", func(a *asking) { a.token = "token" }, "UnrecognizedClientException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidClientTokenId"},
		{"a body that was changed", func(a *asking) {
			a.change = func(r *http.Request) {
				text, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(strings.TrimSuffix(string(text), " ") + " "))
			}
		}, "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"},
		{"another date", func(a *asking) {
			a.change = func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261123T130000Z") }
		}, "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"},
	} {
		for service, ours := range map[string]struct {
			asking asking
			code   string
		}{
			"organizations": {describe, tc.describe}, "iam": {aliases, tc.aliases}, "account": {regions, tc.regions}, "sqs": {send, tc.send}, "sts": {whoami, tc.whoami},
		} {
			t.Run(tc.name+" at "+service, func(t *testing.T) {
				s := load(t, world)
				request := ours.asking
				tc.change(&request)
				status, header, text := ask(t, s, request)
				require.Equal(t, ours.code, s.Calls()[0].Error)
				require.Equal(t, ours.code == "", status == http.StatusOK)
				require.Contains(t, text+header.Get("X-Amzn-Errortype"), ours.code)
			})
		}
	}
}

func TestARequestThatIsNotSigned(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"at all":                func(*http.Request) {},
		"with the right scheme": func(r *http.Request) { r.Header.Set("Authorization", "Bearer token") },
		"with a whole scope":    func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAROOT") },
	} {
		t.Run(name, func(t *testing.T) {
			s := load(t, world)
			status, _, text := ask(t, s, asking{service: "organizations", operation: "ListRoots", body: "{}", key: "none", change: change})
			require.Equal(t, http.StatusBadRequest, status)
			require.Contains(t, text, "MissingAuthenticationTokenException")
			require.Equal(t, []aws.Call{{Operation: "ListRoots", Error: "MissingAuthenticationTokenException"}}, s.Calls())
		})
	}
}

func TestASessionEnds(t *testing.T) {
	now := noon
	estate, err := aws.ParseEstate([]byte(world))
	require.NoError(t, err)
	s := aws.New(estate, func() time.Time { return now })
	_, _, text := ask(t, s, asking{service: "sts", operation: "AssumeRole", body: "RoleArn=arn:aws:iam::111111111111:role/admin&RoleSessionName=me&DurationSeconds=900"})
	field := func(name string) string {
		_, after, _ := strings.Cut(text, "<"+name+">")
		value, _, _ := strings.Cut(after, "<")
		return value
	}
	require.Equal(t, "2026-11-23T12:15:00Z", field("Expiration"))
	whoami := asking{service: "sts", operation: "GetCallerIdentity", key: field("AccessKeyId"), secret: field("SecretAccessKey"), token: field("SessionToken")}
	status, _, answer := ask(t, s, whoami)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, answer, "<Arn>arn:aws:sts::111111111111:assumed-role/admin/me</Arn>")

	chained := whoami
	chained.operation, chained.body = "AssumeRole", "RoleArn=arn:aws:iam::111111111111:role/admin&RoleSessionName=me&DurationSeconds=7200"
	_, _, answer = ask(t, s, chained)
	require.Contains(t, answer, "1 hour session limit for roles assumed by role chaining")

	withoutToken := whoami
	withoutToken.token = ""
	_, _, answer = ask(t, s, withoutToken)
	require.Contains(t, answer, "InvalidClientTokenId")

	now = noon.Add(15 * time.Minute)
	_, _, answer = ask(t, s, whoami)
	require.Contains(t, answer, "<Code>ExpiredToken</Code>")
	require.Empty(t, s.Dump().Accounts["111111111111"].Users["root"].Issued, "a session is no part of the estate")
}

func TestRulesOfAWS(t *testing.T) {
	for _, tc := range []struct {
		name    string
		asking  asking
		refused string
	}{
		{"a user's name with a space", asking{service: "iam", operation: "CreateUser", body: "UserName=a+b"}, "ValidationError"},
		{"an alias with a dash at its end", asking{service: "iam", operation: "CreateAccountAlias", body: "AccountAlias=team-"}, "ValidationError"},
		{"an alias with two dashes", asking{service: "iam", operation: "CreateAccountAlias", body: "AccountAlias=the--team"}, "ValidationError"},
		{"an alias like an account", asking{service: "iam", operation: "CreateAccountAlias", body: "AccountAlias=123456789012"}, "ValidationError"},
		{"an alias of another account", asking{service: "iam", operation: "CreateAccountAlias", body: "AccountAlias=the-team"}, "EntityAlreadyExists"},
		{"the keys of nobody", asking{service: "iam", operation: "ListAccessKeys", body: "UserName=none"}, "NoSuchEntity"},
		{"a page that was never given out", asking{service: "iam", operation: "ListAccessKeys", body: "UserName=root&Marker=page-x"}, "ValidationError"},
		{"a page of accounts that was never given out", asking{service: "organizations", operation: "ListAccounts", body: `{"NextToken": "7"}`}, "InvalidInputException"},
		{"a page beyond the end", asking{service: "organizations", operation: "ListAccounts", body: `{"NextToken": "page-9"}`}, "InvalidInputException"},
		{"an account with a long name", asking{service: "organizations", operation: "CreateAccount", body: `{"Email": "a@example.com", "AccountName": "` + strings.Repeat("a", 51) + `"}`}, "InvalidInputException"},
		{"a move from where the account is not", asking{service: "organizations", operation: "MoveAccount", body: `{"AccountId": "222222222222", "SourceParentId": "ou-1", "DestinationParentId": "r-1"}`}, "DuplicateAccountException"},
		{"a move from nowhere", asking{service: "organizations", operation: "MoveAccount", body: `{"AccountId": "222222222222", "SourceParentId": "ou-9", "DestinationParentId": "ou-1"}`}, "SourceParentNotFoundException"},
		{"units of nothing", asking{service: "organizations", operation: "ListOrganizationalUnitsForParent", body: `{"ParentId": "ou-9"}`}, "ParentNotFoundException"},
		{"more tags than fit", asking{service: "organizations", operation: "TagResource", body: `{"ResourceId": "222222222222", "Tags": [` + strings.TrimSuffix(manyTags(51), ",") + `]}`}, "ConstraintViolationException"},
		{"a session's name of one letter", asking{service: "sts", operation: "AssumeRole", body: "RoleArn=arn:aws:iam::111111111111:role/admin&RoleSessionName=a"}, "ValidationError"},
		{"a session of a minute", asking{service: "sts", operation: "AssumeRole", body: "RoleArn=arn:aws:iam::111111111111:role/admin&RoleSessionName=me&DurationSeconds=60"}, "ValidationError"},
		{"a case of a severity that the plan has not", asking{service: "support", operation: "CreateCase", body: `{"subject": "a", "communicationBody": "b", "severityCode": "critical"}`}, "ValidationException"},
		{"a lower quota", asking{service: "servicequotas", operation: "RequestServiceQuotaIncrease", body: `{"ServiceCode": "ec2", "QuotaCode": "L-1", "DesiredValue": 5}`}, "IllegalArgumentException"},
		{"a region that AWS has not", asking{service: "account", operation: "EnableRegion", body: `{"RegionName": "moon-1"}`}, "ValidationException"},
		{"a contact of another type", asking{service: "account", operation: "PutAlternateContact", body: `{"AlternateContactType": "PRESS", "Name": "a", "Title": "b", "EmailAddress": "c", "PhoneNumber": "d"}`}, "ValidationException"},
		{"eleven messages", asking{service: "sqs", operation: "ReceiveMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests", "MaxNumberOfMessages": 11}`}, "InvalidParameterValue"},
		{"a message without a body", asking{service: "sqs", operation: "SendMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests"}`}, "MissingParameter"},
		{"a queue of another account", asking{service: "sqs", operation: "SendMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/222222222222/requests", "MessageBody": "x"}`}, "QueueDoesNotExist"},
		{"a queue of another region", asking{service: "sqs", region: "us-east-2", operation: "SendMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests", "MessageBody": "x"}`}, "QueueDoesNotExist"},
		{"a receipt that is none", asking{service: "sqs", operation: "DeleteMessage", body: `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests", "ReceiptHandle": "x"}`}, "ReceiptHandleIsInvalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := load(t, world)
			before := s.Dump()
			status, _, text := ask(t, s, tc.asking)
			require.NotEqual(t, http.StatusOK, status)
			require.Equal(t, tc.refused, s.Calls()[0].Error, text)
			require.Equal(t, before, s.Dump(), "nothing changed")
		})
	}
}

func manyTags(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(`{"Key": "` + strings.Repeat("k", i+1) + `", "Value": "v"},`)
	}
	return out.String()
}

func TestAMessageIsDeletedByItsNewestReceipt(t *testing.T) {
	const queue = `"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/requests"`
	s := load(t, world)
	ask(t, s, asking{service: "sqs", operation: "SendMessage", body: `{` + queue + `, "MessageBody": "x"}`})
	receive := asking{service: "sqs", operation: "ReceiveMessage", body: `{` + queue + `, "VisibilityTimeout": 0}`}
	messages := func() []*aws.Message {
		return s.Dump().Accounts["111111111111"].Queues["us-east-1"]["requests"].Messages
	}
	for range 2 {
		_, _, text := ask(t, s, receive)
		require.Contains(t, text, messages()[0].ID)
	}
	id := messages()[0].ID
	for handle, left := range map[string]int{id + ".1": 1, "other.2": 1} {
		status, _, _ := ask(t, s, asking{service: "sqs", operation: "DeleteMessage", body: `{` + queue + `, "ReceiptHandle": "` + handle + `"}`})
		require.Equal(t, http.StatusOK, status)
		require.Len(t, messages(), left, handle)
	}
	ask(t, s, asking{service: "sqs", operation: "DeleteMessage", body: `{` + queue + `, "ReceiptHandle": "` + id + `.2"}`})
	require.Empty(t, messages())
}

func TestThrottle(t *testing.T) {
	s := load(t, strings.Replace(world, "pageSize: 2", "pageSize: 2\nthrottle: {iam: {requests: 1, retryAfter: 5}, account: {requests: 1}}", 1))
	status, header, text := ask(t, s, asking{service: "iam", operation: "ListAccountAliases"})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "<Code>Throttling</Code><Message>Rate exceeded</Message>")
	require.Equal(t, "5", header.Get("Retry-After"))
	status, header, _ = ask(t, s, asking{service: "account", operation: "ListRegions"})
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Empty(t, header.Get("Retry-After"))
	for _, service := range []string{"iam", "organizations"} {
		status, _, _ = ask(t, s, asking{service: service, operation: map[string]string{"iam": "ListAccountAliases", "organizations": "ListRoots"}[service], body: "{}"})
		require.Equal(t, http.StatusOK, status, service)
	}
	require.Nil(t, s.Dump().Throttle)
}

func TestOperationsAreRecognised(t *testing.T) {
	for _, tc := range []struct {
		asking asking
		read   bool
	}{
		{asking{service: "iam", operation: "ListAccessKeys", body: "UserName=a"}, true},
		{asking{service: "iam", operation: "CreateUser", body: "UserName=a"}, false},
		{asking{service: "sts", operation: "AssumeRole"}, true},
		{asking{service: "organizations", operation: "DescribeAccount", body: "{}"}, true},
		{asking{service: "organizations", operation: "MoveAccount", body: "{}"}, false},
		{asking{service: "account", operation: "ListRegions"}, true},
		{asking{service: "account", operation: "EnableRegion"}, false},
		{asking{service: "sqs", operation: "ReceiveMessage", body: "{}"}, false},
	} {
		t.Run(tc.asking.service+" "+tc.asking.operation, func(t *testing.T) {
			r := tc.asking.request(t)
			require.Equal(t, tc.read, aws.IsRead(r))
			require.Equal(t, tc.asking.service+"."+tc.asking.operation, aws.Operation(r))
			text, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.Contains(t, string(text), tc.asking.body, "the body is still there")
		})
	}
}

func TestARequestWithoutASignatureOrActionHasNoWholeOperation(t *testing.T) {
	require.Equal(t, "CreateUser", aws.Operation(asking{service: "iam", operation: "CreateUser", key: "none"}.request(t)))
	require.Empty(t, aws.Operation(asking{service: "iam", key: "none"}.request(t)))
}
