package kubeapi

import (
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	groupKind = "Group.user.openshift.io"
	// memberAttempts bounds how often a change of a group's members begins again because somebody else changed the group.
	memberAttempts = 20
)

// Group is a group of OpenShift with its members.
type Group struct {
	Name  string
	Users []string
}

// ListGroups returns the groups of an OpenShift cluster, complete or with an error. A cluster that has no groups is
// apierr.Missing.
func (c *Client) ListGroups(ctx context.Context) ([]Group, error) {
	items, err := c.List(ctx, groupKind, "", "")
	if err != nil {
		return nil, err
	}
	groups := make([]Group, len(items))
	for i, item := range items {
		groups[i] = Group{Name: nameOf(item), Users: textList(item["users"])}
	}
	return groups, nil
}

// CreateGroup makes a group without members. One that is there already is fine.
func (c *Client) CreateGroup(ctx context.Context, name string) error {
	kind, err := c.Kind(ctx, groupKind)
	if err != nil {
		return err
	}
	_, err = c.create(ctx, reference{Kind: kind}, map[string]any{
		"apiVersion": kind.APIVersion(), "kind": kind.Name, "metadata": map[string]any{"name": name}, "users": []any{},
	})
	if apierr.Is(err, apierr.Conflict) {
		return nil
	}
	return err
}

// AddGroupMember puts a user into a group that is there; one who is in it already is fine. The members are kept in order,
// so that it does not matter who is put in first.
func (c *Client) AddGroupMember(ctx context.Context, group, user string) error {
	return c.changeMembers(ctx, group, func(users []string) []string {
		if slices.Contains(users, user) {
			return users
		}
		return slices.Sorted(slices.Values(append(users, user)))
	})
}

// RemoveGroupMember takes a user out of a group; one who is not in it is fine, and so is a group that is gone.
func (c *Client) RemoveGroupMember(ctx context.Context, group, user string) error {
	err := c.changeMembers(ctx, group, func(users []string) []string {
		return slices.DeleteFunc(users, func(u string) bool { return u == user })
	})
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

// changeMembers replaces a group's members by what change makes of them, as they were read: where somebody else changes
// the group meanwhile, change is asked again. Nothing is sent where it changes nothing.
func (c *Client) changeMembers(ctx context.Context, group string, change func([]string) []string) error {
	kind, err := c.Kind(ctx, groupKind)
	if err != nil {
		return err
	}
	ref := reference{Kind: kind, name: group}
	for attempt := 1; ; attempt++ {
		live, err := c.get(ctx, ref)
		if err != nil {
			return err
		}
		users := textList(live["users"])
		changed := change(slices.Clone(users))
		if slices.Equal(users, changed) {
			return nil
		}
		live["users"] = changed
		_, err = c.replace(ctx, ref, live)
		if !apierr.Is(err, apierr.Conflict) || attempt == memberAttempts {
			return err
		}
	}
}

// textList is a list of strings.
func textList(value any) []string {
	list, _ := value.([]any)
	found := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok {
			found = append(found, text)
		}
	}
	return found
}
