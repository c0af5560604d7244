package awsapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

// one is one call of a service.
type one struct {
	service string
	write   bool
	call    func(context.Context, *awsapi.Client) error
	// silent is a call whose answer nobody reads.
	silent bool
}

// ones are calls of every service in each form that it has.
var ones = map[string]one{
	"organizations": {service: "organizations", write: true, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.CreateAccount(ctx, "new@example.com", "new")
		return err
	}},
	"organizations, reading": {service: "organizations", write: false, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.DescribeAccount(ctx, member)
		return err
	}},
	"iam": {service: "iam", write: true, call: func(ctx context.Context, c *awsapi.Client) error { return c.CreateUser(ctx, "new") }},
	"iam, reading": {service: "iam", write: false, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.ListAccessKeys(ctx, "root")
		return err
	}},
	"sts": {service: "sts", write: false, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.GetCallerIdentity(ctx)
		return err
	}},
	"support": {service: "support", write: true, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.CreateCase(ctx, "help", "please")
		return err
	}},
	"support, reading": {service: "support", write: false, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.GetSupportPlan(ctx)
		return err
	}},
	"servicequotas": {service: "servicequotas", write: true, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.RequestServiceQuotaIncrease(ctx, "ec2", "L-1", 64)
		return err
	}},
	"account": {service: "account", write: true, call: func(ctx context.Context, c *awsapi.Client) error { return c.EnableRegion(ctx, "af-south-1") }, silent: true},
	"account, reading": {service: "account", write: false, call: func(ctx context.Context, c *awsapi.Client) error {
		_, err := c.ListRegions(ctx)
		return err
	}},
	"sqs": {service: "sqs", write: true, call: func(ctx context.Context, c *awsapi.Client) error {
		return c.SendMessage(ctx, "https://sqs.us-east-1.amazonaws.com/111111111111/requests", "{}")
	}},
}

func TestEveryServiceThrottles(t *testing.T) {
	for name, tc := range ones {
		for _, after := range []int{0, 7} {
			t.Run(fmt.Sprintf("%s after %d", name, after), func(t *testing.T) {
				w := start(t)
				client := w.connect(t, as("root"))
				w.Throttle(tc.service, aws.Throttle{Requests: 1, RetryAfter: after})
				err := tc.call(applying(t), client)
				fails(t, err, apierr.Limited, "aws payer: ")
				require.Equal(t, time.Duration(after)*time.Second, apierr.RetryAfter(err))
				require.Len(t, w.Calls(), 1, "the SDK does not try again")
				require.NoError(t, tc.call(applying(t), client))
			})
		}
	}
}

func TestEveryServiceFails(t *testing.T) {
	for name, tc := range ones {
		for answer, failure := range map[string]fault.Failure{
			"with a page of a proxy":           {Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"},
			"without a word":                   {Status: http.StatusServiceUnavailable},
			"by a cut connection":              {},
			"after it was carried out":         {AfterEffect: true},
			"with an answer of something else": {Status: http.StatusOK, Body: "<html>log in here"},
		} {
			t.Run(name+" "+answer, func(t *testing.T) {
				w := start(t)
				client := w.connect(t, as("root"))
				w.faults.FailNth(1, failure)
				err := tc.call(applying(t), client)
				if failure.Status == http.StatusOK && tc.silent {
					require.NoError(t, err)
					return
				}
				fails(t, err, apierr.Unavailable, "aws payer: ")
				require.Len(t, w.faults.Calls(), 1, "the SDK does not try again")
			})
		}
	}
}

func TestEveryServiceRefusesWhoMayNot(t *testing.T) {
	for name, tc := range ones {
		if tc.service == "sts" {
			continue // Everybody may ask who they are.
		}
		t.Run(name, func(t *testing.T) {
			w := start(t)
			reader := as("payer", awsapi.Role{AccountID: payer, Name: manager}, awsapi.Role{AccountID: member, Name: "Reader"})
			err := tc.call(applying(t), w.connect(t, reader))
			fails(t, err, apierr.Denied, "aws payer, AccountManager in 111111111111, Reader in 222222222222: ", "is not authorized to perform: "+tc.service)
			require.False(t, awsapi.UnknownKey(err))
		})
	}
}

func TestEveryServiceRefusesAKey(t *testing.T) {
	for name, tc := range ones {
		for key, edit := range map[string]func(*world){
			"that is disabled": func(w *world) {
				w.Edit(func(e *aws.Estate) { e.Accounts[payer].Users["root"].Keys["AKIAROOT"].Disabled = true })
			},
			"that is gone": func(w *world) {
				w.Edit(func(e *aws.Estate) { delete(e.Accounts[payer].Users["root"].Keys, "AKIAROOT") })
			},
			"whose secret is wrong": func(w *world) { w.vault.put("creds/root", "AKIAROOT", "qt-planted-wrong") },
		} {
			t.Run(name+" "+key, func(t *testing.T) {
				w := start(t)
				edit(w)
				err := tc.call(applying(t), w.connect(t, as("root")))
				fails(t, err, apierr.Denied, "AWS does not accept the credentials", "renew the access key in secret creds/root")
				require.True(t, awsapi.UnknownKey(err))
				require.Len(t, w.Calls(), 1, "the same key is not tried again")
				require.Equal(t, 2, w.vault.reads("creds/root"), "a newer one is looked for")
			})
		}
	}
}

func TestWritesOutsideApplyAreRefused(t *testing.T) {
	for name, tc := range ones {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			err := tc.call(t.Context(), w.connect(t, as("root")))
			if !tc.write {
				require.NoError(t, err)
				require.Empty(t, w.faults.Writes(), "the stand-in takes it for a read")
				return
			}
			fails(t, err, apierr.Guard, "aws payer: ", "refused to write outside apply: ")
			require.Empty(t, w.Calls(), "nothing is sent")
			require.NoError(t, tc.call(applying(t), w.connect(t, as("root"))))
			require.Len(t, w.faults.Writes(), 1, "the stand-in takes it for a write")
		})
	}
}

func TestEveryWriteIsRefusedOutsideApply(t *testing.T) {
	w := start(t)
	client := w.connect(t, as("root"))
	ctx := t.Context()
	require.Error(t, readonly.Check(ctx, "anything"))
	const queue = "https://sqs.us-east-1.amazonaws.com/111111111111/requests"
	ignore := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"CreateAccount":    ignore(client.CreateAccount(ctx, "a@example.com", "a")),
		"TagAccount":       client.TagAccount(ctx, member, map[string]string{"a": "b"}),
		"UntagAccount":     client.UntagAccount(ctx, member, "a"),
		"MoveAccount":      client.MoveAccount(ctx, member, "ou-1"),
		"CreateUser":       client.CreateUser(ctx, "a"),
		"AttachUserPolicy": client.AttachUserPolicy(ctx, "root", aws.AdministratorAccess),
		"CreateAccessKey":  ignore(client.CreateAccessKey(ctx, "root")),
		"DeleteAccessKey":  client.DeleteAccessKey(ctx, "root", "AKIAROOT"),
		"SetAccountAlias":  client.SetAccountAlias(ctx, "payer"),
		"RequestQuota":     ignore(client.RequestServiceQuotaIncrease(ctx, "ec2", "L-1", 9)),
		"CreateCase":       ignore(client.CreateCase(ctx, "a", "b")),
		"PutContact":       client.PutSecurityContact(ctx, awsapi.Contact{Name: "a", Title: "b", Email: "c", Phone: "d"}),
		"EnableRegion":     client.EnableRegion(ctx, "af-south-1"),
		"DisableRegion":    client.DisableRegion(ctx, "af-south-1"),
		"SendMessage":      client.SendMessage(ctx, queue, "{}"),
		"ReceiveMessages":  ignore(client.ReceiveMessages(ctx, queue, time.Second)),
		"DeleteMessage":    client.DeleteMessage(ctx, queue, "a.1"),
	} {
		t.Run(name, func(t *testing.T) { fails(t, err, apierr.Guard, "refused to write outside apply") })
	}
	require.Empty(t, w.faults.Writes())
}

func TestErrorsOfOrganizations(t *testing.T) {
	for _, tc := range []struct {
		name string
		kind apierr.Kind
		says string
		call func(context.Context, *awsapi.Client) error
	}{
		{"an account that is not there", apierr.Missing, "aws payer, AccountManager in 111111111111: describe account 999999999999: Organizations DescribeAccount: You specified an account that doesn't exist. (400 AccountNotFoundException)",
			func(ctx context.Context, c *awsapi.Client) error {
				_, err := c.DescribeAccount(ctx, "999999999999")
				return err
			}},
		{"a request that is not there", apierr.Missing, "describe account request car-1", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.DescribeCreateAccountStatus(ctx, "car-1")
			return err
		}},
		{"an address that is none", apierr.Invalid, "create account new: Organizations CreateAccount: You specified an invalid value for email. (400 InvalidInputException)",
			func(ctx context.Context, c *awsapi.Client) error {
				_, err := c.CreateAccount(ctx, "nobody", "new")
				return err
			}},
		{"tags of nothing", apierr.Missing, "TargetNotFoundException", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.ListTags(ctx, "999999999999")
			return err
		}},
		{"a tag that AWS keeps to itself", apierr.Invalid, "tag account 222222222222", func(ctx context.Context, c *awsapi.Client) error {
			return c.TagAccount(ctx, member, map[string]string{"aws:x": "y"})
		}},
		{"a move of nothing", apierr.Missing, "look up the parent of account 999999999999", func(ctx context.Context, c *awsapi.Client) error {
			return c.MoveAccount(ctx, "999999999999", "ou-1")
		}},
		{"a move to nowhere", apierr.Missing, "move account 222222222222 to ou-9: Organizations MoveAccount", func(ctx context.Context, c *awsapi.Client) error {
			return c.MoveAccount(ctx, member, "ou-9")
		}},
		{"a policy that is not there", apierr.Missing, "attach policy arn:aws:iam::aws:policy/None to user root", func(ctx context.Context, c *awsapi.Client) error {
			return c.AttachUserPolicy(ctx, "root", "arn:aws:iam::aws:policy/None")
		}},
		{"a key of nobody", apierr.Missing, "create access key of user nobody: IAM CreateAccessKey: The user with name nobody cannot be found. (404 NoSuchEntity)",
			func(ctx context.Context, c *awsapi.Client) error {
				_, err := c.CreateAccessKey(ctx, "nobody")
				return err
			}},
		{"a quota that is not there", apierr.Missing, "get quota ec2/L-9 in us-east-1: Service Quotas GetServiceQuota", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetServiceQuota(ctx, "ec2", "L-9")
			return err
		}},
		{"a quota request that is not there", apierr.Missing, "get quota request none", func(ctx context.Context, c *awsapi.Client) error {
			_, err := c.GetQuotaRequest(ctx, "none")
			return err
		}},
		{"a case that is not there", apierr.Missing, "describe support case none: Support DescribeCases: No case found with the id: none (400 CaseIdNotFound)",
			func(ctx context.Context, c *awsapi.Client) error {
				_, err := c.DescribeCase(ctx, "none")
				return err
			}},
		{"a contact that is not whole", apierr.Invalid, "set the security contact", func(ctx context.Context, c *awsapi.Client) error {
			return c.PutSecurityContact(ctx, awsapi.Contact{Name: "a"})
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t)
			fails(t, tc.call(applying(t), w.connect(t, manages())), tc.kind, tc.says)
		})
	}
}

func TestAnOrganizationBelongsToItsManagementAccount(t *testing.T) {
	w := start(t)
	_, err := w.connect(t, inMember()).ListAccounts(t.Context())
	fails(t, err, apierr.Denied, "You don't have permissions to access this resource. (400 AccessDeniedException)")
}

func TestASupportPlanThatCoversNoCases(t *testing.T) {
	w := start(t)
	_, err := w.connect(t, inMember()).CreateCase(applying(t), "help", "please")
	fails(t, err, apierr.Denied, "SubscriptionRequiredException")
}

func TestFailureMode12_AnAWSThatNeverAnswersIsGivenUp(t *testing.T) {
	silent := &http.Client{Transport: silence.Transport{}}
	for name, tc := range ones {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, err := awsapi.NewPool(newVault(), awsapi.Options{Endpoint: at("http://aws")}).WithHTTP(silent).Connect(t.Context(), as("root"))
				require.NoError(t, err)
				began := time.Now()
				err = tc.call(applying(t), client)
				fails(t, err, apierr.Unavailable, "aws payer: ", "no answer before the deadline")
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Minute, time.Since(began))
			})
		})
	}
	t.Run("when a role is assumed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := awsapi.NewPool(newVault(), awsapi.Options{Endpoint: at("http://aws")}).WithHTTP(silent).Connect(t.Context(), manages())
			fails(t, err, apierr.Unavailable, "assume role arn:aws:iam::111111111111:role/AccountManager", "no answer before the deadline")
			require.Equal(t, time.Minute, time.Since(began))
		})
	})
}

func TestACallThatIsGivenUpHasNoKind(t *testing.T) {
	w := start(t)
	client := w.connect(t, as("root"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.GetCallerIdentity(ctx)
	require.ErrorIs(t, err, context.Canceled)
	var classified *apierr.Error
	require.NotErrorAs(t, err, &classified)
}

func TestAServerThatIsNotThere(t *testing.T) {
	w := start(t)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client, err := awsapi.NewPool(w.vault, awsapi.Options{Endpoint: at(server.URL)}).Connect(t.Context(), as("root"))
	require.NoError(t, err)
	_, err = client.GetCallerIdentity(t.Context())
	fails(t, err, apierr.Unavailable, "STS GetCallerIdentity: cannot reach AWS", strings.TrimPrefix(server.URL, "http://"))
}
