package mergerequest

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// EnvQueueURL is the environment variable with the URL of the queue, as the reference names it.
const EnvQueueURL = "gitlab_pr_submitter_queue_url"

// Source is where gateways are made from. It only reads.
type Source struct {
	// AppInterface answers in the name of the integration.
	AppInterface graphql.Client
	GitLab       *gitlabapi.Pool
	Getenv       func(string) string
	// Sender returns what puts messages into the queues of an AWS account.
	Sender func(ctx context.Context, account QueueAccount) (Sender, error)
}

// QueueAccount is the AWS account that a queue is in.
type QueueAccount struct {
	Name, Region string
	// Token is the account's automationToken.
	Token secret.Ref
}

// Choose returns the gateway that app-interface's settings name in mergeRequestGateway: gitlab, with the project that
// --gitlab-project-id names, or sqs. Gitlab opens requests and closes none.
//
// Differs from the reference: settings without mergeRequestGateway mean gitlab. That is what the reference intends, but
// it asks only whether the field is there, which it always is in an answer, and breaks off.
func (s Source) Choose(ctx context.Context, projectID string) (Gateway, error) {
	settings, err := mergeRequestSettings(ctx, s.AppInterface)
	if err != nil {
		return nil, fmt.Errorf("look up where merge requests go: %w", err)
	}
	if len(settings.Settings) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no settings: add the app-interface-settings datafile")
	}
	switch name := settings.Settings[0].MergeRequestGateway; name {
	case "", "gitlab":
		if projectID == "" {
			return nil, apierr.Errorf(apierr.Invalid, "merge requests go to GitLab, and the project is not named: set --gitlab-project-id")
		}
		client, err := s.connect(ctx, settings.Instances)
		if err != nil {
			return nil, err
		}
		project, err := client.Project(ctx, projectID)
		if err != nil {
			return nil, err
		}
		return NewDirect(project, Allow{Opening: true}), nil
	case "sqs":
		return s.queue(ctx)
	default:
		return nil, apierr.Errorf(apierr.Invalid, "mergeRequestGateway is %q: set it to gitlab or sqs in the app-interface-settings datafile", name)
	}
}

// Inputs reads from app-interface what Choose reads there, and from nowhere else: for integrations that say what they read.
func (s Source) Inputs(ctx context.Context) error {
	settings, err := mergeRequestSettings(ctx, s.AppInterface)
	if err != nil {
		return fmt.Errorf("look up where merge requests go: %w", err)
	}
	if len(settings.Settings) > 0 && settings.Settings[0].MergeRequestGateway == "sqs" {
		_, _, err = s.queueAccount(ctx)
	}
	return err
}

// AppInterfaceRepository returns a gateway to app-interface's own repository in GitLab, for integrations that manage their
// requests there whatever the settings say.
func (s Source) AppInterfaceRepository(ctx context.Context, allow Allow) (*Direct, error) {
	settings, err := mergeRequestSettings(ctx, s.AppInterface)
	if err != nil {
		return nil, fmt.Errorf("look up app-interface's repository: %w", err)
	}
	if len(settings.Settings) != 1 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has %d app-interface-settings datafiles, and it takes one to say its repoUrl", len(settings.Settings))
	}
	client, err := s.connect(ctx, settings.Instances)
	if err != nil {
		return nil, err
	}
	project, err := client.ProjectByURL(ctx, settings.Settings[0].RepoUrl)
	if err != nil {
		return nil, err
	}
	return NewDirect(project, allow), nil
}

// RepositoryInputs reads from app-interface what AppInterfaceRepository reads there, and from nowhere else: for integrations
// that say what they read.
func (s Source) RepositoryInputs(ctx context.Context) error {
	if _, err := mergeRequestSettings(ctx, s.AppInterface); err != nil {
		return fmt.Errorf("look up app-interface's repository: %w", err)
	}
	return nil
}

// connect takes the first instance, as the reference does.
func (s Source) connect(ctx context.Context, instances []instance) (*gitlabapi.Client, error) {
	if len(instances) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no GitLab instance: add a gitlab-instance datafile")
	}
	first := instances[0]
	return s.GitLab.Connect(ctx, gitlabapi.Instance{URL: first.Url, Token: first.Token, SSLVerify: first.SslVerify})
}

func (s Source) queue(ctx context.Context) (Gateway, error) {
	address, account, err := s.queueAccount(ctx)
	if err != nil {
		return nil, err
	}
	sender, err := s.Sender(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("connect to the queue in AWS account %s: %w", account.Name, err)
	}
	return NewQueue(sender, address), nil
}

// queueAccount finds the queue's URL, and the account that it names.
func (s Source) queueAccount(ctx context.Context) (string, QueueAccount, error) {
	invalid := func(format string, args ...any) (string, QueueAccount, error) {
		return "", QueueAccount{}, apierr.Errorf(apierr.Invalid, format, args...)
	}
	address := s.Getenv(EnvQueueURL)
	parsed, err := url.Parse(address)
	if err != nil || address == "" {
		return invalid("merge requests go to sqs: set %s to the URL of the queue", EnvQueueURL)
	}
	// https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
	uid, _, named := strings.Cut(strings.TrimPrefix(parsed.Path, "/"), "/")
	if !named || uid == "" {
		return invalid("%s does not name an account and a queue: set it to the URL of the queue", EnvQueueURL)
	}
	found, err := mergeRequestQueueAccount(ctx, s.AppInterface, uid)
	if err != nil {
		return "", QueueAccount{}, fmt.Errorf("look up the AWS account %s of the queue: %w", uid, err)
	}
	if len(found.Accounts) != 1 {
		return invalid("app-interface has %d AWS accounts with the uid %s: correct %s", len(found.Accounts), uid, EnvQueueURL)
	}
	account := found.Accounts[0]
	return address, QueueAccount{Name: account.Name, Region: account.ResourcesDefaultRegion, Token: account.AutomationToken}, nil
}
