package slackapi

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// markType is the type of the metadata that marks are kept in.
const markType = "qontract_message"

// PostOnce posts a message that has a Mark, unless this app has posted one with that mark in the channel since then. So an
// attempt whose answer got lost is not repeated. Where the app may not read the channel (it lacks the scope
// channels:history) the message is posted.
func (c *Client) PostOnce(ctx context.Context, m Message, since time.Time) error {
	posted, err := c.posted(ctx, m, since)
	if err != nil && !apierr.Is(err, apierr.Denied) {
		return err
	}
	if posted {
		return nil
	}
	return c.Post(ctx, m)
}

// posted says whether the channel has a message with the mark. A channel that is not listed, a private one say, is taken
// for one without it.
func (c *Client) posted(ctx context.Context, m Message, since time.Time) (bool, error) {
	if m.Mark == "" {
		return false, apierr.New(apierr.Invalid, errors.New("a message without a mark cannot be found again"))
	}
	channels, err := c.Channels(ctx)
	if err != nil {
		return false, err
	}
	id := ""
	for _, channel := range channels {
		if m.Channel == channel.ID || strings.TrimPrefix(m.Channel, "#") == channel.Name {
			id = channel.ID
		}
	}
	if id == "" {
		return false, nil
	}
	asked := &slack.GetConversationHistoryParameters{
		ChannelID: id, Oldest: strconv.FormatInt(since.Unix(), 10), IncludeAllMetadata: true, Limit: c.page(readChannel),
	}
	for {
		answer, err := c.api.GetConversationHistoryContext(ctx, asked)
		if said(err, "not_in_channel") {
			return false, nil
		}
		if err != nil {
			return false, c.fail(err, "read the channel %s", m.Channel)
		}
		for _, message := range answer.Messages {
			if message.Metadata.EventType == markType && message.Metadata.EventPayload["mark"] == m.Mark {
				return true, nil
			}
		}
		if asked.Cursor = answer.ResponseMetaData.NextCursor; asked.Cursor == "" {
			return false, nil
		}
	}
}
