package aws_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

const everything = `
lag: {account: {calls: 2}, key: {seconds: 9}, region: {calls: 1}, quota: {calls: 1}}
organizations:
  o-1:
    management: "111111111111"
    root: r-1
    units: {ou-1: {name: Teams, parent: r-1}}
    requests: {car-1: {name: new, email: new@example.com, role: Access, state: IN_PROGRESS, pending: {calls: 1}}}
    failures: {bad@example.com: INTERNAL_FAILURE}
accounts:
  "111111111111":
    name: payer
    email: payer@example.com
    parent: r-1
    tags: {a: "1"}
    users: {bot: {policies: ["arn:p"], keys: {AKIA1: {secret: s, pending: {calls: 1}}}, issued: 1}}
    roles: {admin: {trusts: ["111111111111"], policies: ["arn:p"]}}
    contacts: {SECURITY: {name: a, title: b, email: c, phone: d}}
    regions: {af-south-1: {status: ENABLING, pending: {calls: 1}}}
    quotas: {us-east-1: {ec2/L-1: 9}}
    quotaAnswers: {ec2/L-1: DENIED}
    quotaRequests: {q: {region: us-east-1, service: ec2, quota: L-1, value: 9, status: PENDING, pending: {calls: 1}}}
    cases: {case-1: {subject: a, body: b, severity: high, status: opened}}
    queues: {us-east-1: {requests: {sent: 1, messages: [{id: m, body: x}]}}}
services: {ec2: {name: EC2, quotas: {L-1: {name: Instances, value: 5}}}}
policies: {"arn:p": ["iam:*"]}
`

func TestAnEstateIsReadAndDumpedWhole(t *testing.T) {
	estate, err := aws.ParseEstate([]byte(everything))
	require.NoError(t, err)
	text, err := yaml.Marshal(aws.New(estate, time.Now).Dump())
	require.NoError(t, err)
	require.YAMLEq(t, everything, string(text))
}

func TestTheEstateIsACopy(t *testing.T) {
	estate, err := aws.ParseEstate([]byte(everything))
	require.NoError(t, err)
	s := aws.New(estate, time.Now)
	change := func(e *aws.Estate) {
		organization, account := e.Organizations["o-1"], e.Accounts["111111111111"]
		organization.Units["ou-1"].Name = "changed"
		organization.Requests["car-1"].Pending.Calls = 7
		organization.Failures["bad@example.com"] = "changed"
		account.Name = "changed"
		account.Tags["a"] = "changed"
		account.Users["bot"].Policies[0] = "changed"
		account.Users["bot"].Keys["AKIA1"].Pending.Calls = 7
		account.Users["bot"].Keys["AKIA1"].Secret = "changed"
		account.Roles["admin"].Trusts[0] = "changed"
		account.Contacts["SECURITY"] = aws.Contact{}
		account.Regions["af-south-1"].Pending.Calls = 7
		account.Quotas["us-east-1"]["ec2/L-1"] = 7
		account.QuotaAnswers["ec2/L-1"] = "changed"
		account.QuotaRequests["q"].Pending.Calls = 7
		account.Cases["case-1"].Status = "changed"
		account.Queues["us-east-1"]["requests"].Messages[0].Body = "changed"
		e.Services["ec2"].Quotas["L-1"] = aws.Quota{}
		e.Policies["arn:p"][0] = "changed"
	}
	dumped := s.Dump()
	change(&estate)
	change(&dumped)
	text, err := yaml.Marshal(s.Dump())
	require.NoError(t, err)
	require.YAMLEq(t, everything, string(text))

	s.Edit(change)
	text, err = yaml.Marshal(s.Dump())
	require.NoError(t, err)
	changed, err := yaml.Marshal(dumped)
	require.NoError(t, err)
	require.YAMLEq(t, string(changed), string(text))
}

func TestParseEstateNamesMistakes(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		says       []string
	}{
		{"an unknown key", "account: {}\n", []string{`unknown field "account"`}},
		{"an account by a number of another length", "accounts: {\"123\": {name: a, email: b}}\n", []string{`"123" is no account ID`}},
		{"an account that is nothing", "accounts: {\"111111111111\": }\n", []string{"account 111111111111 is null"}},
		{"a parent that is not there", "accounts: {\"111111111111\": {name: a, email: b, parent: r-9}}\n", []string{"has the parent r-9, which no organisation has"}},
		{"an organisation that nobody pays for", "organizations: {o-1: {management: \"111111111111\", root: r-1}}\n", []string{"the management account 111111111111 of organisation o-1 is not there"}},
		{"an organisation that is nothing", "organizations: {o-1: }\n", []string{"organisation o-1 is null"}},
		{"a unit in the air", "accounts: {\"111111111111\": {name: a, email: b}}\norganizations: {o-1: {management: \"111111111111\", root: r-1, units: {ou-1: {name: a, parent: ou-2}}}}\n", []string{"organisational unit ou-1 has no parent that is there"}},
		{"a plan that AWS does not sell", "accounts: {\"111111111111\": {name: a, email: b, support: gold}}\n", []string{`the support plan "gold"`}},
		{"a policy that is not there", "accounts: {\"111111111111\": {name: a, email: b, users: {u: {policies: [p]}}, roles: {r: {policies: [q]}}}}\n", []string{"user u of account 111111111111 has the policy p", "role r of account 111111111111 has the policy q"}},
		{"a user and a role that are nothing", "accounts: {\"111111111111\": {name: a, email: b, users: {u: }, roles: {r: }}}\n", []string{"user u of account 111111111111 is null", "role r of account 111111111111 is null"}},
		{"a region that cannot be enabled", "accounts: {\"111111111111\": {name: a, email: b, regions: {us-east-1: {status: ENABLED}}}}\n", []string{"has a status for region us-east-1"}},
		{"what AWS has once", "accounts:\n  \"111111111111\": {name: a, email: b, alias: c, users: {u: {keys: {K: {secret: s}}}}}\n  \"222222222222\": {name: a, email: b, alias: c, users: {u: {keys: {K: {secret: s}}}}}\n",
			[]string{"the alias c is there twice", "the email b is there twice", "the key K is there twice"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := aws.ParseEstate([]byte(tc.text))
			for _, part := range tc.says {
				require.ErrorContains(t, err, part)
			}
		})
	}
}
