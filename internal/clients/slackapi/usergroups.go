package slackapi

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/slack-go/slack"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Usergroup is one usergroup of a workspace.
type Usergroup struct {
	ID, Handle, Description string
	// Users and Channels are IDs, sorted. Where Slack lists a user by the ID of the organisation this is the workspace's.
	Users, Channels []string
}

// Usergroups returns all usergroups that are not disabled, in one request, sorted by handle. They are not remembered.
func (c *Client) Usergroups(ctx context.Context) ([]Usergroup, error) {
	groups, err := c.usergroups(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil {
		return nil, err
	}
	users, err := c.Users(ctx)
	if err != nil {
		return nil, err
	}
	local := map[string]string{}
	for id, user := range users {
		if user.EnterpriseID != "" {
			local[user.EnterpriseID] = id
		}
	}
	all := make([]Usergroup, 0, len(groups))
	for _, group := range groups {
		members := slices.Clone(group.Users)
		for i, id := range members {
			if translated, ok := local[id]; ok {
				members[i] = translated
			}
		}
		slices.Sort(members)
		all = append(all, Usergroup{
			ID: group.ID, Handle: group.Handle, Description: group.Description, Users: slices.Compact(members), Channels: slices.Sorted(slices.Values(group.Prefs.Channels)),
		})
	}
	slices.SortFunc(all, func(a, b Usergroup) int { return cmp.Or(cmp.Compare(a.Handle, b.Handle), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// UsergroupID returns the ID of the usergroup with the handle, "" where there is none that is not disabled.
func (c *Client) UsergroupID(ctx context.Context, handle string) (string, error) {
	groups, err := c.usergroups(ctx)
	for _, group := range groups {
		if group.Handle == handle {
			return group.ID, nil
		}
	}
	return "", err
}

func (c *Client) usergroups(ctx context.Context, options ...slack.GetUserGroupsOption) ([]slack.UserGroup, error) {
	groups, err := c.api.GetUserGroupsContext(ctx, options...)
	return groups, c.fail(err, "list usergroups")
}

// Describe returns the names of a usergroup's users and channels by their IDs. Those that the workspace does not list, such
// as archived private channels, are left out.
func (c *Client) Describe(ctx context.Context, group Usergroup) (users, channels map[string]string, err error) {
	everybody, err := c.Users(ctx)
	if err != nil {
		return nil, nil, err
	}
	everything, err := c.Channels(ctx)
	if err != nil {
		return nil, nil, err
	}
	users, channels = map[string]string{}, map[string]string{}
	for _, id := range group.Users {
		if user, ok := everybody[id]; ok {
			users[id] = user.Name
		}
	}
	for _, id := range group.Channels {
		if channel, ok := everything[id]; ok {
			channels[id] = channel.Name
		}
	}
	return users, channels, nil
}

// CreateUsergroup creates a usergroup whose name is its handle, and returns its ID. One with that handle is left as it is.
// It is Conflict where the handle or the name belongs to something else.
func (c *Client) CreateUsergroup(ctx context.Context, handle string) (string, error) {
	groups, err := c.usergroups(ctx)
	if err != nil {
		return "", err
	}
	for _, group := range groups {
		if group.Handle == handle {
			return group.ID, nil
		}
	}
	group, err := c.api.CreateUserGroupContext(ctx, slack.UserGroup{Name: handle, Handle: handle})
	return group.ID, c.fail(err, "create usergroup %s", handle)
}

// UpdateUsergroup gives a usergroup its description and its channels, by ID.
func (c *Client) UpdateUsergroup(ctx context.Context, id, description string, channels []string) error {
	_, err := c.api.UpdateUserGroupContext(ctx, id, slack.UpdateUserGroupsOptionDescription(&description), slack.UpdateUserGroupsOptionChannels(channels))
	return c.fail(err, "update usergroup %s", id)
}

// SetUsergroupUsers replaces the users of a usergroup, by ID. Slack has no empty usergroups, but takes a user who is
// deactivated, refuses to have that one, and has nobody then. It is Invalid where the workspace has no such user.
func (c *Client) SetUsergroupUsers(ctx context.Context, id string, users []string) error {
	empties := len(users) == 0
	if empties {
		nobody, err := c.deactivated(ctx)
		if err != nil {
			return err
		}
		users = []string{nobody}
	}
	_, err := c.api.UpdateUserGroupMembersListContext(ctx, id, users)
	// Differs from the reference: that Slack refuses the users of a usergroup is ignored only where it is to be empty. In
	// the reference a user who does not exist goes unnoticed, and the usergroup stays as it was.
	if empties && said(err, "invalid_users") {
		return nil
	}
	return c.fail(err, "set the users of usergroup %s", id)
}

// deactivated returns the first deactivated user, so that every attempt takes the same.
//
// Differs from the reference: that a workspace has no deactivated user to empty a usergroup with is an error that says
// so. The reference sends an empty list, which Slack refuses.
func (c *Client) deactivated(ctx context.Context) (string, error) {
	users, err := c.Users(ctx)
	if err != nil {
		return "", err
	}
	for _, id := range slices.Sorted(maps.Keys(users)) {
		if users[id].Deleted {
			return id, nil
		}
	}
	return "", c.fail(apierr.Errorf(apierr.Invalid, "there is no deactivated user, which Slack needs for that: deactivate any account"), "empty a usergroup")
}
