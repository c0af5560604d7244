package slack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func listUsergroups(c *call) (object, string) {
	groups := []object{}
	for _, id := range slices.Sorted(maps.Keys(c.workspace.Usergroups)) {
		if c.workspace.Usergroups[id].Disabled && c.args.Get("include_disabled") != "true" {
			continue
		}
		groups = append(groups, c.group(id, c.args.Get("include_users") == "true"))
	}
	return object{"usergroups": groups}, ""
}

func createUsergroup(c *call) (object, string) {
	name, handle := c.args.Get("name"), c.args.Get("handle")
	if name == "" {
		return nil, "missing_argument"
	}
	for _, group := range c.workspace.Usergroups {
		switch {
		case group.Name == name:
			return nil, "name_already_exists"
		case handle != "" && group.Handle == handle:
			return nil, "handle_already_exists"
		}
	}
	c.server.made++
	id := fmt.Sprintf("S0NEW%04d", c.server.made)
	c.workspace.Usergroups[id] = &Usergroup{Name: name, Handle: handle, Description: c.args.Get("description")}
	return object{"usergroup": c.group(id, false)}, ""
}

// updateUsergroup changes what the request names and leaves the rest.
func updateUsergroup(c *call) (object, string) {
	id := c.args.Get("usergroup")
	group := c.workspace.Usergroups[id]
	if group == nil {
		return nil, "subteam_not_found"
	}
	if c.args.Has("channels") {
		channels := list(c.args.Get("channels"))
		for _, channel := range channels {
			if c.workspace.Channels[channel] == nil {
				return nil, "invalid_channels"
			}
		}
		group.Channels = channels
	}
	for name, field := range map[string]*string{"name": &group.Name, "handle": &group.Handle, "description": &group.Description} {
		if c.args.Has(name) {
			*field = c.args.Get(name)
		}
	}
	return object{"usergroup": c.group(id, true)}, ""
}

// updateUsers replaces the users. Slack has no empty usergroups: a request without users is refused. One whose users are
// all deactivated empties the usergroup and is refused nevertheless.
func updateUsers(c *call) (object, string) {
	id, users := c.args.Get("usergroup"), list(c.args.Get("users"))
	group := c.workspace.Usergroups[id]
	if group == nil {
		return nil, "subteam_not_found"
	}
	if len(users) == 0 {
		return nil, "no_users_provided"
	}
	var active []string
	for _, user := range users {
		known, ok := c.workspace.user(user)
		if !ok {
			return nil, "invalid_users"
		}
		if !known.Deleted {
			active = append(active, user)
		}
	}
	group.Users = active
	if len(active) == 0 {
		return nil, "invalid_users"
	}
	return object{"usergroup": c.group(id, true)}, ""
}

func (c *call) group(id string, users bool) object {
	group := c.workspace.Usergroups[id]
	body := object{
		"id": id, "is_usergroup": true, "name": group.Name, "handle": group.Handle, "description": group.Description,
		"prefs": object{"channels": append([]string{}, group.Channels...), "groups": []string{}}, "user_count": len(group.Users),
	}
	if users {
		body["users"] = append([]string{}, group.Users...)
	}
	return body
}

// list reads a list with commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
