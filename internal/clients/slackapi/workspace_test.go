package slackapi_test

import (
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const datafile = `$schema: /dependencies/slack-workspace-1.yml
name: acme
description: d
token: {path: slack/acme, field: token}
managedUsergroups: [devs]
`

func workspaces(t *testing.T, files fstest.MapFS) ([]slackapi.Workspace, error) {
	t.Helper()
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	reader, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
	require.NoError(t, err)
	return slackapi.Workspaces(t.Context(), reader.For("", "", false))
}

func TestWorkspaces(t *testing.T) {
	all, err := workspaces(t, fstest.MapFS{
		"data/plain.yml": {Data: []byte(datafile)},
		"data/rich.yml": {Data: []byte(`$schema: /dependencies/slack-workspace-1.yml
name: other
description: d
token: {path: slack/other, field: token}
managedUsergroups: []
api_client:
  global: {max_retries: 2, timeout: 10}
  methods:
  - {name: users.list, args: {limit: 1000}}
integrations:
- name: jira-watcher
  token: {path: slack/other, field: watcher}
  channel: alerts
  icon_emoji: ':eyes:'
  username: watcher
`)},
	})
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, slackapi.Workspace{Name: "acme", Token: secret.Ref{Path: "slack/acme", Field: "token"}, ManagedUsergroups: []string{"devs"}}, all[0])
	retries := 2
	require.Equal(t, slackapi.Limits{Timeout: 10 * time.Second, Retries: &retries, Pages: map[string]int{"users.list": 1000}}, all[1].Limits)
	posts, ok := all[1].Integration("jira-watcher")
	require.True(t, ok)
	require.Equal(t, slackapi.Integration{
		Name: "jira-watcher", Token: secret.Ref{Path: "slack/other", Field: "watcher"}, Channel: "alerts", Icon: ":eyes:", Username: "watcher",
	}, posts)
	_, ok = all[0].Integration("jira-watcher")
	require.False(t, ok)
}

func TestWrongArgumentsOfAMethodAreNamed(t *testing.T) {
	_, err := workspaces(t, fstest.MapFS{"data/w.yml": {Data: []byte(datafile + "api_client: {methods: [{name: users.list, args: {limit: many}}]}\n")}})
	require.ErrorContains(t, err, "slack workspace acme: the args of users.list in api_client are not an object with a number as limit")
}

func TestUsersAreReadAnewAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &answers{queue: []string{`200 {"ok":true,"members":[{"id":"U1","name":"old"}]}`, `200 {"ok":true,"members":[{"id":"U1","name":"new"}]}`}}
		client, err := slackapi.New(slackapi.Config{Transport: transport})
		require.NoError(t, err)
		name := func() string {
			users, err := client.Users(t.Context())
			require.NoError(t, err)
			return users["U1"].Name
		}
		require.Equal(t, "old", name())
		<-time.After(5*time.Minute - time.Second)
		require.Equal(t, "old", name())
		<-time.After(time.Second)
		require.Equal(t, "new", name())
	})
}
