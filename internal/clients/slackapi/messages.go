package slackapi

import (
	"context"
	"strings"

	"github.com/slack-go/slack"
)

// Message is one message to a channel.
type Message struct {
	// Channel is the channel's name, with or without #, or its ID.
	Channel string
	// Text is in Slack's mrkdwn. What is not meant as such has to be escaped.
	Text string
	// Icon and Username are those that the message appears with, such as :robot: and qontract; empty ones are the app's.
	Icon, Username string
	// Mark is unseen and tells the message from all others of the app; see PostOnce. Empty is none.
	Mark string
}

// Escape makes a text plain in a message.
func Escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// Post posts a message. Where the app is not in the channel it joins and posts again. It is Missing where there is no such
// channel, and Invalid where it is archived.
func (c *Client) Post(ctx context.Context, m Message) error {
	err := c.post(ctx, m)
	if said(err, "not_in_channel") {
		if err := c.join(ctx, m.Channel); err != nil {
			return err
		}
		err = c.post(ctx, m)
	}
	return err
}

func (c *Client) post(ctx context.Context, m Message) error {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionDisableLinkUnfurl(),
	}
	if m.Username != "" {
		options = append(options, slack.MsgOptionUsername(m.Username))
	}
	if m.Icon != "" {
		options = append(options, slack.MsgOptionIconEmoji(m.Icon))
	}
	if m.Mark != "" {
		options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: markType, EventPayload: map[string]any{"mark": m.Mark}}))
	}
	_, _, err := c.api.PostMessageContext(ctx, m.Channel, options...)
	return c.fail(err, "post to %s", m.Channel)
}

// join makes the app a member of a public channel. One that is a member already is left alone.
func (c *Client) join(ctx context.Context, named string) error {
	channels, err := c.Channels(ctx)
	if err != nil {
		return err
	}
	id := named
	for _, channel := range channels {
		if channel.Name == strings.TrimPrefix(named, "#") && !channel.Archived {
			id = channel.ID
		}
	}
	_, _, _, err = c.api.JoinConversationContext(ctx, id)
	return c.fail(err, "join the channel %s", named)
}
