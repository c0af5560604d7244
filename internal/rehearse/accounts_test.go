package rehearse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

// owners tags an AWS account with its owner and opens a merge request that says so, with the faults that a test gives it.
type owners struct {
	set *clients.Set
	// eager writes while it reads, careless opens another support case on each attempt, and brittle takes "it is open" for
	// a failure.
	eager, careless, brittle bool
}

const team = "222222222222"

func (r *owners) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: "test-owners", Summary: "Says who owns accounts.", Every: time.Hour,
		Reads: []reconcile.System{"aws"}, Writes: []reconcile.System{"aws"},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			r.set = set
			return reconcile.Reconcile(r), nil
		},
	}
}

// ownersEstate is what app-interface says of the two systems.
type ownersEstate struct {
	Accounts []struct {
		Name, UID, ResourcesDefaultRegion string
		AutomationToken                   secret.Ref
	} `json:"accounts"`
	Instances []struct {
		URL   string
		Token secret.Ref
	} `json:"instances"`
}

func (r *owners) read(ctx context.Context, s reconcile.Scope) (found ownersEstate, err error) {
	query := &graphql.Request{OpName: "O", Query: `query O {
  accounts: awsaccounts_v1 { name uid resourcesDefaultRegion automationToken { path field } }
  instances: gitlabinstance_v1 { url token { path field } }
}`}
	return found, r.set.AppInterface().At(s).MakeRequest(ctx, query, &graphql.Response{Data: &found})
}

func (r *owners) connect(ctx context.Context, s reconcile.Scope) (*awsapi.Client, *gitlabapi.Project, error) {
	found, err := r.read(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	account, instance := found.Accounts[0], found.Instances[0]
	payer, err := r.set.AWS().Connect(ctx, awsapi.Access{
		Account: account.Name, Credentials: account.AutomationToken, Region: account.ResourcesDefaultRegion,
		Roles: []awsapi.Role{{AccountID: account.UID, Name: "manager"}},
	})
	if err != nil {
		return nil, nil, err
	}
	client, err := r.set.GitLab().Connect(ctx, gitlabapi.Instance{URL: instance.URL, Token: instance.Token})
	if err != nil {
		return nil, nil, err
	}
	project, err := client.Project(ctx, "service/app")
	return payer, project, err
}

func (r *owners) Desired(ctx context.Context, s reconcile.Scope) ([]note, error) {
	_, err := r.read(ctx, s)
	return []note{{"request"}, {"tag"}}, err
}

func (r *owners) Current(ctx context.Context, s reconcile.Scope, _ []note) ([]note, error) {
	payer, project, err := r.connect(ctx, s)
	if err != nil {
		return nil, err
	}
	if r.eager {
		ctx := readonly.Grant(ctx)
		if err := payer.TagAccount(ctx, team, map[string]string{"seen": "yes"}); err != nil {
			return nil, err
		}
		if _, err := mergerequest.NewDirect(project, mergerequest.Allow{Opening: true}).Ensure(ctx, ownerRequest); err != nil {
			return nil, err
		}
	}
	var found []note
	tags, err := payer.ListTags(ctx, team)
	if err != nil {
		return nil, err
	}
	if tags["owner"] == "team" {
		found = append(found, note{"tag"})
	}
	open, err := project.ListMergeRequests(ctx, gitlabapi.Filter{State: gitlabapi.Opened, Search: ownerRequest.Title})
	if len(open) > 0 {
		found = append(found, note{"request"})
	}
	return found, err
}

var ownerRequest = mergerequest.Request{
	Type: "owners", Title: "Say who owns the account", Files: []mergerequest.FileChange{mergerequest.CreateFile("owners.yml", []byte("team\n"))},
}

func (r *owners) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[note]) error {
	payer, project, err := r.connect(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case c.Key == "tag" && r.careless:
		if _, err := payer.CreateCase(ctx, "An account has an owner", "It is the team."); err != nil {
			return err
		}
		fallthrough
	case c.Key == "tag":
		return payer.TagAccount(ctx, team, map[string]string{"owner": "team"})
	case r.brittle:
		_, err := project.OpenMergeRequest(ctx, gitlabapi.NewMergeRequest{Title: ownerRequest.Title, SourceBranch: "topic", TargetBranch: "master"})
		return err
	}
	_, err = mergerequest.NewDirect(project, mergerequest.Allow{Opening: true}).Ensure(ctx, ownerRequest)
	return err
}

// ownersCase has planted secrets of its own.
func ownersCase() string {
	return strings.NewReplacer("AWS_ID", leak.Plant("key"), "AWS_SECRET", leak.Plant("aws"), "GITLAB_TOKEN", leak.Plant("gitlab")).Replace(`An account gets its owner.
-- run --
test-owners
-- data/account.yml --
$schema: /aws/account-1.yml
name: payer
uid: "111111111111"
resourcesDefaultRegion: us-east-1
automationToken: {path: aws/payer, field: all}
-- data/gitlab.yml --
$schema: /dependencies/gitlab-instance-1.yml
name: gitlab
description: the instance
url: https://gitlab.example.com
token: {path: gitlab/bot, field: token}
-- secrets.toml --
[aws.payer]
aws_access_key_id = "AWS_ID"
aws_secret_access_key = "AWS_SECRET"
[gitlab.bot]
token = "GITLAB_TOKEN"
-- estate/aws/all.yaml --
accounts:
  "111111111111":
    name: payer
    email: payer@example.com
    parent: r-1
    support: business
    users:
      bot:
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        keys: {AWS_ID: {secret: AWS_SECRET}}
    roles:
      manager: {trusts: ["111111111111"], policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
  "222222222222": {name: team, email: team@example.com, parent: r-1, tags: {a: b}}
organizations:
  o-1: {management: "111111111111", root: r-1}
-- estate/gitlab/gitlab.yaml --
users:
  bot: {token: GITLAB_TOKEN}
projects:
  service/app:
    id: 7
    members: {bot: developer}
    branches:
      master: {protected: true, files: {README.md: hello}}
      topic: {files: {README.md: bye}}
-- plan --
applied
create request
create tag
-- after/aws/all.yaml --
accounts:
  "111111111111":
    email: payer@example.com
    name: payer
    parent: r-1
    roles:
      manager:
        policies:
        - arn:aws:iam::aws:policy/AdministratorAccess
        trusts:
        - "111111111111"
    support: business
    users:
      bot:
        keys:
          AWS_ID:
            secret: AWS_SECRET
        policies:
        - arn:aws:iam::aws:policy/AdministratorAccess
  "222222222222":
    email: team@example.com
    name: team
    parent: r-1
    tags:
      a: b
      owner: team
organizations:
  o-1:
    management: "111111111111"
    root: r-1
-- after/gitlab/gitlab.yaml --
projects:
  service/app:
    branches:
      master:
        files:
          README.md: hello
        protected: true
      owners-f0cba7bf58f7:
        commits:
        - Say who owns the account
        files:
          README.md: hello
          owners.yml: |
            team
      topic:
        files:
          README.md: bye
    defaultBranch: master
    id: 7
    members:
      bot: developer
    mergeRequests:
    - author: bot
      iid: 1
      labels:
      - do-not-merge/hold
      removeSourceBranch: true
      sourceBranch: owners-f0cba7bf58f7
      targetBranch: master
      title: Say who owns the account
users:
  bot:
    token: GITLAB_TOKEN
`)
}

func TestEachCallToAWSAndGitLabFailsOnce(t *testing.T) {
	checks, err := rehearsed(t, (&owners{}).definition(), ownersCase())
	require.NoError(t, err)
	names := make([]string, 0, len(checks))
	for _, check := range checks {
		require.Empty(t, check.Fault, check.Name)
		names = append(names, check.Name)
	}
	for _, call := range []string{
		"POST / sts.AssumeRole failing", "POST / organizations.ListTagsForResource failing",
		"POST / organizations.TagResource failing", "POST / organizations.TagResource losing its answer",
		"GET /api/v4/projects/7/merge_requests failing", "POST /api/v4/projects/7/repository/commits losing its answer",
		"POST /api/v4/projects/7/merge_requests failing", "POST /api/v4/projects/7/merge_requests losing its answer",
	} {
		require.Contains(t, names, "the same end with "+call)
	}
	require.NotContains(t, names, "the same end with POST / sts.AssumeRole losing its answer", "a session is no write")
}

func TestTheChecksFindWhatAnIntegrationDoesWrongInAWSAndGitLab(t *testing.T) {
	const opened = "POST /api/v4/projects/7/merge_requests"
	for name, tc := range map[string]struct {
		integration owners
		fault       string
		says        []string
		// innocent is a check that must not fail with it.
		innocent string
	}{
		"it writes while it reads": {
			owners{eager: true}, "a dry run writes nothing", []string{"POST / organizations.TagResource", opened}, "a comparison reads nothing but app-interface",
		},
		"it opens a second support case after a lost answer": {
			owners{careless: true}, "the same end with POST / support.CreateCase losing its answer", nil, "the same end with POST / support.CreateCase failing",
		},
		"it cannot resume a merge request after a lost answer": {
			owners{brittle: true}, "the same end with " + opened + " losing its answer", nil, "the same end with " + opened + " failing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			faults := faultsOf(t, tc.integration.definition(), ownersCase())
			require.Contains(t, faults, tc.fault)
			for _, part := range tc.says {
				require.Contains(t, faults[tc.fault], part)
			}
			require.NotContains(t, faults, tc.innocent)
		})
	}
}

// failing is the case of an AWS that cannot be asked: nothing happens, and the plan has the error.
func failing(text, message string) string {
	before, _, _ := strings.Cut(text, "-- plan --")
	return before + "-- plan --\nfailed\nerror: " + message + "\n"
}

func TestACaseHasOneAWSOrNone(t *testing.T) {
	before, rest, _ := strings.Cut(ownersCase(), "-- estate/aws/all.yaml --")
	estate, after, _ := strings.Cut(rest, "-- estate/gitlab")
	none := before + "-- estate/gitlab" + after
	require.Empty(t, faultsOf(t, (&owners{}).definition(), failing(none, "aws payer, manager in 111111111111: the case has no AWS: add estate/aws/NAME.yaml")))

	two := before + "-- estate/aws/all.yaml --" + estate + "-- estate/aws/more.yaml --\naccounts: {}\n-- estate/gitlab" + after
	_, err := rehearsed(t, (&owners{}).definition(), two)
	require.ErrorContains(t, err, "a case has one file in estate/aws, and this one has all and more: put them together")
}

func TestAnAWSThatDoesNotAnswerIsNotCalledByItsAddress(t *testing.T) {
	hanging := strings.Replace(ownersCase(), "-- estate/gitlab", "-- unreachable --\naws/all\n-- estate/gitlab", 1)
	require.Empty(t, faultsOf(t, (&owners{}).definition(), failing(hanging, "aws payer, manager in 111111111111: log in: aws payer: "+
		"assume role arn:aws:iam::111111111111:role/manager: STS AssumeRole: cannot reach AWS: Post \"https://amazonaws.com/\": "+
		"dial tcp amazonaws.com: connect: connection refused")))
}
