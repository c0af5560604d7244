package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	newAccountEmail = "acme@example.com"
	newUser         = "terraform"
	newSecret       = "app-sre-v2/creds/terraform/acme/config"
	memberID        = "222222222222"
	payerID         = "111111111111"
)

// end is what a run came to.
type end struct {
	result workflows.Result
	// state by key, and AWS and GitLab as YAML. What differs from run to run is left out.
	state       map[string]string
	aws, gitlab string
}

// steps are all that there are, with the account that each is done for.
var steps = map[string]string{
	"create-account": "acme", "create-iam-user": "acme", "account-file": "acme",
	"tag-account": "member", "move-account": "member", "enable-enterprise-support": "member", "account-alias": "member",
	"request-service-quota": "member", "set-security-contact": "member", "set-supported-regions": "member",
}

// end looks at all that there is.
func (w *accountWorld) end(t *testing.T, result workflows.Result) end {
	t.Helper()
	return end{result: result, state: w.state(t), aws: w.yaml(t, settled(w.aws.Dump())), gitlab: w.yaml(t, w.gitlab.Dump())}
}

func (w *accountWorld) yaml(t *testing.T, what any) string {
	t.Helper()
	text, err := yaml.Marshal(what)
	require.NoError(t, err)
	return strings.NewReplacer(w.secret, "SECRET", w.payer, "PAYER").Replace(string(text))
}

// settled is the estate after all waits, with a user's access keys by their number.
func settled(e aws.Estate) aws.Estate {
	ends := map[string]string{"ENABLING": "ENABLED", "DISABLING": "DISABLED"}
	for _, account := range e.Accounts {
		for _, region := range account.Regions {
			region.Pending = nil
			if status, goesOn := ends[region.Status]; goesOn {
				region.Status = status
			}
		}
		if user := account.Users[newUser]; user != nil {
			user.Issued = len(user.Keys)
			user.Keys = nil
		}
	}
	return e
}

// requireComplete requires that everything is there, and was made once.
func (w *accountWorld) requireComplete(t *testing.T, is end) {
	t.Helper()
	require.Empty(t, is.result.Errors)
	done := map[string]string{}
	for _, change := range is.result.Changes {
		require.Equal(t, workflows.Success, change.Outcome, change.Key)
		done[change.Key] = strings.TrimPrefix(change.Scope, w.payer+"/")
	}
	require.Equal(t, steps, done)
	require.Len(t, is.result.Changes, len(steps), "each is reported once")

	wrote := map[string]int{}
	for _, call := range w.aws.Calls() {
		if call.Error == "" && !isRead(call.Operation) {
			wrote[call.Operation]++
		}
	}
	estate := w.aws.Dump()
	require.Equal(t, 1, wrote["CreateAccount"], "accounts that were asked for")
	require.Len(t, estate.Accounts, 3)
	id, account := theAccount(t, estate)
	require.Equal(t, "acme", account.Name)

	require.Equal(t, 1, wrote["CreateUser"], "users that were made")
	require.Equal(t, []string{newUser}, slices.Collect(maps.Keys(account.Users)))
	user := account.Users[newUser]
	require.Equal(t, []string{aws.AdministratorAccess}, user.Policies)
	require.Len(t, user.Keys, 1)
	require.Equal(t, user.Issued, wrote["CreateAccessKey"])
	require.Equal(t, user.Issued-1, wrote["DeleteAccessKey"], "only keys that an attempt has lost are deleted")
	w.requireKey(t, id, user)

	require.Equal(t, 1, wrote["CreateCase"], "support cases that were opened")
	require.Len(t, estate.Accounts[payerID].Cases, 1)
	require.Equal(t, 2, wrote["RequestServiceQuotaIncrease"], "quotas that were asked for")
	member := estate.Accounts[memberID]
	require.Len(t, member.QuotaRequests, 2)
	require.Equal(t, map[string]map[string]float64{"us-east-1": {"ec2/L-1": 20, "ec2/L-2": 30}}, member.Quotas)
	for _, operation := range []string{
		"CreateAccount", "CreateUser", "AttachUserPolicy", "CreateAccessKey", "DeleteAccessKey", "CreateCase", "RequestServiceQuotaIncrease",
		"TagResource", "MoveAccount", "CreateAccountAlias", "PutAlternateContact", "EnableRegion", "DisableRegion",
	} {
		delete(wrote, operation)
	}
	require.Empty(t, wrote, "nothing else is written")

	project := w.gitlab.Dump().Instances["gitlab"].Projects["service/app-interface"]
	require.Len(t, project.MergeRequests, 1)
	request := project.MergeRequests[0]
	require.Empty(t, request.State, "it is open")
	require.Len(t, project.Branches, 2)
	branch := project.Branches[request.SourceBranch]
	require.Len(t, branch.Commits, 1)
	require.Equal(t, map[string]string{"data/templating/collections/aws-account/acme.yml": "name: acme\nowner: " + newAccountEmail + "\nuid: \"" + id + "\"\n"}, branch.Files)
}

func isRead(operation string) bool {
	return slices.ContainsFunc([]string{"Assume", "Describe", "Get", "List"}, func(verb string) bool { return strings.HasPrefix(operation, verb) })
}

func theAccount(t *testing.T, estate aws.Estate) (string, *aws.Account) {
	t.Helper()
	for id, account := range estate.Accounts {
		if account.Email == newAccountEmail {
			return id, account
		}
	}
	require.Fail(t, "there is no new account")
	return "", nil
}

// requireKey requires that Vault has the user's key, written once, and that AWS takes it.
func (w *accountWorld) requireKey(t *testing.T, account string, user *aws.User) {
	t.Helper()
	client, err := vaultapi.New(vaultapi.Config{Address: w.vault.URL(), Login: vaultapi.AppRole{RoleID: secret.New("worker"), SecretID: secret.New(w.secret)}})
	require.NoError(t, err)
	defer client.Close()
	kept, err := client.Fetch(t.Context(), newSecret, vaultapi.Latest)
	require.NoError(t, err)
	require.Equal(t, 1, kept.Version)
	id, _ := kept.Data.Field("aws_access_key_id")
	require.Contains(t, user.Keys, id.Reveal(), "the key in Vault is the user's")

	pool := awsapi.NewPool(client, awsapi.Options{Endpoint: func() (string, error) { return w.awsURL, nil }})
	as, err := pool.Connect(t.Context(), awsapi.Access{Account: "acme", Credentials: secret.Ref{Path: newSecret, Version: &kept.Version}, Region: "us-east-1"})
	require.NoError(t, err)
	identity, err := as.GetCallerIdentity(t.Context())
	require.NoError(t, err)
	require.Equal(t, account, identity.AccountID)
}
