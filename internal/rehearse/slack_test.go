package rehearse

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestSlackOfACase(t *testing.T) {
	const estate = `workspaces:
  acme:
    apps:
      qt-planted-bot: {name: bot}
    channels:
      C1:
        name: general
        members: [bot]
`
	stage := &Stage{slack: &slackPlace{}}
	at, err := startSlack(t.Context(), stage, "all", []byte(estate))
	require.NoError(t, err)
	url, err := stage.slack.endpoint()
	require.NoError(t, err)
	client, err := slackapi.New(slackapi.Config{Workspace: "acme", URL: url, Token: secret.New("qt-planted-bot")})
	require.NoError(t, err)
	_, err = client.Users(t.Context())
	require.NoError(t, err)
	require.NoError(t, client.Post(readonly.Grant(t.Context()), slackapi.Message{Channel: "general", Text: "hello"}))

	calls := at.Faults().Calls()
	require.Len(t, calls, 2)
	require.False(t, calls[0].Write, "a list is no write, though it is asked for by POST")
	require.Equal(t, "POST /api/chat.postMessage", calls[1].String())
	require.True(t, calls[1].Write)
	dump, err := at.Dump(t.Context())
	require.NoError(t, err)
	require.YAMLEq(t, estate+"        messages: [{app: bot, text: hello}]\n", string(dump))

	require.NoError(t, at.Close())
	_, err = stage.slack.endpoint()
	require.ErrorContains(t, err, "the case has no Slack", "nothing is left behind for the next world")
}
