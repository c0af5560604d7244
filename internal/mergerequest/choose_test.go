package mergerequest_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const settingsFile = `$schema: /app-interface/app-interface-settings-1.yml
name: settings
repoUrl: https://gitlab.example.com/service/app
vault: false
`

const instanceFile = `$schema: /dependencies/gitlab-instance-1.yml
name: gitlab
description: the instance
url: URL
token: {path: gitlab/bot, field: token}
`

const accountFile = `$schema: /aws/account-1.yml
name: app-sre
uid: "123456789012"
resourcesDefaultRegion: eu-west-1
automationToken: {path: aws/app-sre, field: all}
`

const queueURL = "https://sqs.eu-west-1.amazonaws.com/123456789012/merge-requests"

// knowing is an app-interface with the files.
func knowing(t *testing.T, files map[string]string) graphql.Client {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder["data/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	bundle, err := server.ReadFolder(folder, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	client, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
	require.NoError(t, err)
	return client.For("", "", false)
}

// vault holds the one token.
type vault struct{}

func (vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	if ref.Path != "gitlab/bot" || ref.Field != "token" {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New("hunter2"), nil
}

func (vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

// source is where gateways come from, with what was asked of AWS.
type source struct {
	mergerequest.Source
	sender   *sent
	accounts []mergerequest.QueueAccount
}

func newSource(t *testing.T, url, gateway, queue string) *source {
	t.Helper()
	files := map[string]string{"settings.yml": settingsFile, "gitlab.yml": strings.Replace(instanceFile, "URL", url, 1), "account.yml": accountFile}
	if gateway != "" {
		files["settings.yml"] += "mergeRequestGateway: " + gateway + "\n"
	}
	s := &source{sender: &sent{}}
	s.Source = mergerequest.Source{
		AppInterface: knowing(t, files), GitLab: gitlabapi.NewPool(vault{}),
		Getenv: func(name string) string { return map[string]string{"gitlab_pr_submitter_queue_url": queue}[name] },
		Sender: func(_ context.Context, account mergerequest.QueueAccount) (mergerequest.Sender, error) {
			s.accounts = append(s.accounts, account)
			return s.sender, nil
		},
	}
	return s
}

func TestTheSettingsChooseTheGateway(t *testing.T) {
	request := plain()
	request.Arguments = []mergerequest.Argument{{Name: "username", Value: "bob"}}
	for gateway, outcome := range map[string]mergerequest.Outcome{"": mergerequest.Opened, "gitlab": mergerequest.Opened, "sqs": mergerequest.Queued} {
		t.Run("gateway "+gateway, func(t *testing.T) {
			w := start(t, bare, everything)
			s := newSource(t, w.url, gateway, queueURL)
			require.NoError(t, s.Inputs(t.Context()))
			chosen, err := s.Choose(t.Context(), "7")
			require.NoError(t, err)
			result, err := chosen.Ensure(applying(t), request)
			require.NoError(t, err)
			require.Equal(t, outcome, result.Outcome)
			if outcome == mergerequest.Opened {
				require.Len(t, w.open(), 1)
				require.Empty(t, s.accounts)
				return
			}
			require.Empty(t, w.open())
			require.Equal(t, []mergerequest.QueueAccount{{Name: "app-sre", Region: "eu-west-1", Token: secret.Ref{Path: "aws/app-sre", Field: "all"}}}, s.accounts)
			require.Equal(t, []string{queueURL + ` {"pr_type":"create_delete_user_mr","username":"bob"}`}, s.sender.messages)
		})
	}
}

func TestSettingsThatChooseNothing(t *testing.T) {
	w := start(t, bare, everything)
	for _, tc := range []struct {
		name, gateway, project, queue string
		kind                          apierr.Kind
		says                          string
	}{
		{"another name", "mail", "7", queueURL, apierr.Invalid, `mergeRequestGateway is "mail": set it to gitlab or sqs`},
		{"gitlab without a project", "gitlab", "", queueURL, apierr.Invalid, "set --gitlab-project-id"},
		{"gitlab with a project that is not there", "gitlab", "99", queueURL, apierr.Missing, "find project 99"},
		{"sqs without a queue", "sqs", "7", "", apierr.Invalid, "set gitlab_pr_submitter_queue_url to the URL of the queue"},
		{"sqs with an address without an account", "sqs", "7", "https://sqs.example.com/queue", apierr.Invalid, "does not name an account and a queue"},
		{"sqs with an address with an empty account", "sqs", "7", "https://sqs.example.com//queue", apierr.Invalid, "does not name an account and a queue"},
		{"sqs with an unknown account", "sqs", "7", "https://sqs.example.com/1/queue", apierr.Invalid, "app-interface has 0 AWS accounts with the uid 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSource(t, w.url, tc.gateway, tc.queue)
			_, err := s.Choose(t.Context(), tc.project)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, tc.says)
		})
	}
	empty := mergerequest.Source{AppInterface: knowing(t, map[string]string{"account.yml": accountFile}), GitLab: gitlabapi.NewPool(vault{})}
	_, err := empty.Choose(t.Context(), "7")
	require.ErrorContains(t, err, "app-interface has no settings")
	without := mergerequest.Source{AppInterface: knowing(t, map[string]string{"settings.yml": settingsFile}), GitLab: gitlabapi.NewPool(vault{})}
	_, err = without.Choose(t.Context(), "7")
	require.ErrorContains(t, err, "app-interface has no GitLab instance")
}

func TestAppInterfacesOwnRepository(t *testing.T) {
	w := start(t, bare, everything)
	s := newSource(t, w.url, "sqs", queueURL)
	repository, err := s.AppInterfaceRepository(t.Context(), everything)
	require.NoError(t, err)
	result, err := repository.Ensure(applying(t), managed("2"))
	require.NoError(t, err)
	require.Equal(t, mergerequest.Opened, result.Outcome, "whatever the settings say")
	require.Len(t, w.open(), 1)

	two := mergerequest.Source{AppInterface: knowing(t, map[string]string{"a.yml": settingsFile, "b.yml": strings.Replace(settingsFile, "name: settings", "name: other", 1)}), GitLab: gitlabapi.NewPool(vault{})}
	_, err = two.AppInterfaceRepository(t.Context(), everything)
	require.ErrorContains(t, err, "app-interface has 2 app-interface-settings datafiles")
}
