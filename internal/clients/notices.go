package clients

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
)

// noticesEntry names the entry of a workspace's integrations that notices are posted by. An entry of that name with a
// dash and an integration behind it is for that integration alone.
//
// The entry that has the integration's own name is not taken: it says where the integration posts for its users.
const noticesEntry = "qontract-temporal"

// Notices posts what people are to know of runs and approvals, where the Slack workspaces of app-interface say so.
type Notices struct {
	app   graphql.Client
	slack *slackapi.Pool
}

// Post posts a text in the channel of an integration: that of its own entry, or else of the common one, in the first
// workspace that has it. It is false where no workspace has either.
func (n Notices) Post(ctx context.Context, integration, text string) (bool, error) {
	workspaces, err := slackapi.Workspaces(ctx, n.app)
	if err != nil {
		return false, err
	}
	for _, name := range []string{noticesEntry + "-" + integration, noticesEntry} {
		for _, workspace := range workspaces {
			entry, ok := workspace.Integration(name)
			if !ok {
				continue
			}
			client, err := n.slack.Connect(ctx, workspace, entry.Token)
			if err != nil {
				return false, err
			}
			return true, client.Post(ctx, slackapi.Message{Channel: entry.Channel, Text: text, Icon: entry.Icon, Username: entry.Username})
		}
	}
	return false, nil
}
