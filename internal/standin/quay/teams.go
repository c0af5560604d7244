package quay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// roles are those that a team can have.
var roles = [...]string{"member", "creator", "admin"}

var teamName = regexp.MustCompile(`^([a-z0-9]+(?:[._-][a-z0-9]+)*)$`)

// putTeam creates a team, or changes role and description of one.
func putTeam(c *call) response {
	var details struct {
		Role        *string `json:"role"`
		Description *string `json:"description"`
	}
	if err := json.NewDecoder(c.Body).Decode(&details); err != nil {
		return problem(http.StatusBadRequest, "invalid_request", "The request is not JSON")
	}
	switch {
	case details.Role == nil:
		return problem(http.StatusBadRequest, "invalid_request", "'role' is a required property")
	case !slices.Contains(roles[:], *details.Role):
		return problem(http.StatusBadRequest, "invalid_request", fmt.Sprintf("'%s' is not one of ['member', 'creator', 'admin']", *details.Role))
	}
	name := c.PathValue("team")
	team, known := c.org.Teams[name]
	if !known && (len(name) < 2 || len(name) > 255 || !teamName.MatchString(name)) {
		return refusal("Invalid team name " + name)
	}
	team.Role = *details.Role
	if details.Description != nil {
		team.Description = *details.Description
	}
	c.org.Teams[name] = team
	return response{http.StatusOK, object{
		"name": name, "description": team.Description, "can_view": true, "role": team.Role,
		"avatar": avatar(name, "team"), "new_team": !known,
	}}
}

func listMembers(c *call) response {
	name := c.PathValue("team")
	team, ok := c.org.Teams[name]
	if !ok {
		return notFound()
	}
	members := []object{}
	for _, member := range team.Members {
		members = append(members, memberView(member, false))
	}
	if pending := c.URL.Query().Get("includePending"); pending == "true" || pending == "1" {
		for _, member := range team.Invited {
			members = append(members, memberView(member, true))
		}
		for _, email := range team.InvitedEmails {
			members = append(members, object{"email": email, "kind": "invite", "avatar": avatar(email, "user"), "invited": true})
		}
	}
	return response{http.StatusOK, object{"name": name, "members": members, "can_edit": true}}
}

// putMember adds an account to a team. Where invitations are required it invites people who are in no team of the
// organisation, once more each time it is asked to.
func putMember(c *call) response {
	name, member := c.PathValue("team"), c.PathValue("member")
	team, ok := c.org.Teams[name]
	if !ok {
		return notFound()
	}
	if !c.hasAccount(member) {
		return problem(http.StatusBadRequest, "invalid_request", "Unknown user")
	}
	if c.instance.RequireInvite && isRobot(member) && !strings.HasPrefix(member, c.orgName+"+") {
		return refusal("Cannot add the specified robot to this team, as it is not a member of the organization")
	}
	if c.instance.RequireInvite && !isRobot(member) && len(c.teamsOf(member)) == 0 {
		team.Invited = append(team.Invited, member)
		c.org.Teams[name] = team
		return response{http.StatusOK, memberView(member, true)}
	}
	if slices.Contains(team.Members, member) {
		return refusal(fmt.Sprintf("User %s is already a member of team %s", member, name))
	}
	team.Members = append(team.Members, member)
	c.org.Teams[name] = team
	return response{http.StatusOK, memberView(member, false)}
}

// deleteMember takes back an invitation where there is one, and else removes the member.
func deleteMember(c *call) response {
	name, member := c.PathValue("team"), c.PathValue("member")
	team, ok := c.org.Teams[name]
	if !ok || !c.hasAccount(member) {
		return notFound()
	}
	if i := slices.Index(team.Invited, member); i >= 0 {
		team.Invited = slices.Delete(team.Invited, i, i+1)
		c.org.Teams[name] = team
		return done
	}
	i := slices.Index(team.Members, member)
	if i < 0 {
		return refusal(fmt.Sprintf("User %s does not belong to team %s", member, name))
	}
	team.Members = slices.Delete(team.Members, i, i+1)
	c.org.Teams[name] = team
	return done
}

func memberView(member string, invited bool) object {
	kind := "user"
	if isRobot(member) {
		kind = "robot"
	}
	return object{"name": member, "kind": "user", "is_robot": isRobot(member), "avatar": avatar(member, kind), "invited": invited}
}
