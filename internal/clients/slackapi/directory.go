package slackapi

import (
	"context"
	"time"

	"github.com/slack-go/slack"
)

// User is one account of a workspace.
type User struct {
	ID, Name string
	Deleted  bool
	// EnterpriseID is the account's ID in the organisation above the workspace, "" where there is none.
	EnterpriseID string
}

// Channel is one channel that the app can see.
type Channel struct {
	ID, Name string
	Archived bool
}

// remembered is for how long users and channels are not asked for again. Slack permits some twenty pages a minute.
const remembered = 5 * time.Minute

// directory remembers who and what is in a workspace.
type directory struct {
	users    *list[User]
	channels *list[Channel]
}

func newDirectory() *directory {
	return &directory{users: newList[User](), channels: newList[Channel]()}
}

// list is read by one at a time, and remembered for the others.
type list[T any] struct {
	// turn is held while the list is looked at.
	turn chan struct{}
	byID map[string]T
	read time.Time
}

func newList[T any]() *list[T] { return &list[T]{turn: make(chan struct{}, 1)} }

// get returns what is remembered, and reads it where that is too long ago. Who gets it must not change it.
func (l *list[T]) get(ctx context.Context, read func(context.Context) (map[string]T, error)) (map[string]T, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case l.turn <- struct{}{}:
	}
	defer func() { <-l.turn }()
	if l.byID != nil && time.Since(l.read) < remembered {
		return l.byID, nil
	}
	byID, err := read(ctx)
	if err != nil {
		return nil, err
	}
	l.byID, l.read = byID, time.Now()
	return byID, nil
}

// Users returns all accounts by their IDs, deactivated ones too, as they were up to five minutes ago. The map is shared and
// must not be changed.
func (c *Client) Users(ctx context.Context) (map[string]User, error) {
	return c.directory.users.get(ctx, func(ctx context.Context) (map[string]User, error) {
		users := map[string]User{}
		page := c.api.GetUsersPaginated(slack.GetUsersOptionLimit(c.page(listUsers)), slack.GetUsersOptionIncludeLocale(false))
		for {
			var err error
			if page, err = page.Next(ctx); err != nil {
				return nil, c.fail(err, "list users")
			}
			for _, user := range page.Users {
				users[user.ID] = User{ID: user.ID, Name: user.Name, Deleted: user.Deleted, EnterpriseID: user.Enterprise.ID}
			}
			if page.Cursor == "" {
				return users, nil
			}
		}
	})
}

// UserByEmail finds an active account by its address. It is Missing where there is none.
func (c *Client) UserByEmail(ctx context.Context, email string) (User, error) {
	user, err := c.api.GetUserByEmailContext(ctx, email)
	if err != nil {
		return User{}, c.fail(err, "look up %s", email)
	}
	return User{ID: user.ID, Name: user.Name, Deleted: user.Deleted, EnterpriseID: user.Enterprise.ID}, nil
}

// Channels returns all public channels by their IDs, archived ones too, as they were up to five minutes ago. The map is
// shared and must not be changed.
func (c *Client) Channels(ctx context.Context) (map[string]Channel, error) {
	return c.directory.channels.get(ctx, func(ctx context.Context) (map[string]Channel, error) {
		channels := map[string]Channel{}
		for cursor := ""; ; {
			page, next, err := c.api.GetConversationsContext(ctx, &slack.GetConversationsParameters{Cursor: cursor, Limit: c.page(listChannels)})
			if err != nil {
				return nil, c.fail(err, "list channels")
			}
			for _, channel := range page {
				channels[channel.ID] = Channel{ID: channel.ID, Name: channel.Name, Archived: channel.IsArchived}
			}
			if cursor = next; cursor == "" {
				return channels, nil
			}
		}
	})
}
