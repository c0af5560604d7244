package slack

import (
	"maps"
	"slices"
)

func listUsers(c *call) (object, string) {
	page, next, code := c.page(slices.Collect(maps.Keys(c.workspace.Users)), mostOfPage)
	if code != "" {
		return nil, code
	}
	members := []object{}
	for _, id := range page {
		members = append(members, view(id, c.workspace.Users[id]))
	}
	return object{"members": members, "response_metadata": metadata(next)}, ""
}

// lookupByEmail does not find accounts that are deactivated.
func lookupByEmail(c *call) (object, string) {
	email := c.args.Get("email")
	for id, user := range c.workspace.Users {
		if email != "" && user.Email == email && !user.Deleted {
			return object{"user": view(id, user)}, ""
		}
	}
	return nil, "users_not_found"
}

func view(id string, user User) object {
	body := object{"id": id, "name": user.Name, "deleted": user.Deleted, "is_bot": user.Bot, "profile": object{"email": user.Email}}
	if user.EnterpriseID != "" {
		body["enterprise_user"] = object{"id": user.EnterpriseID}
	}
	return body
}
