package quay

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// getUser knows people only: organisations and robots are not found.
func getUser(c *call) response {
	name := c.PathValue("user")
	if !c.instance.hasUser(name) {
		return notFoundPage
	}
	return response{http.StatusOK, object{"anonymous": false, "username": name, "avatar": avatar(name, "user")}}
}

// getOrgMember finds who is in a team of the organisation, and its robots.
func getOrgMember(c *call) response {
	name := c.PathValue("member")
	teams := c.teamsOf(name)
	robot := c.org.hasRobot(c.orgName, name)
	if !c.hasAccount(name) || len(teams) == 0 && !robot {
		return notFound()
	}
	kind := "user"
	if robot {
		kind = "robot"
	}
	views := []object{}
	for _, team := range teams {
		views = append(views, object{"name": team, "avatar": avatar(team, "team")})
	}
	repositories := append([]string{}, c.org.Collaborators[name]...)
	return response{http.StatusOK, object{
		"name": name, "kind": kind, "avatar": avatar(name, kind), "teams": views, "repositories": repositories,
	}}
}

// deleteOrgMember removes a person from every team of the organisation, and takes away all permissions of its own.
// Invitations stay. It knows people only.
func deleteOrgMember(c *call) response {
	name := c.PathValue("member")
	if !c.instance.hasUser(name) {
		return notFound()
	}
	if admins := c.admins(); len(admins) == 1 && admins[0] == name {
		return refusal("Cannot remove user as they are the only organization admin")
	}
	for teamName, team := range c.org.Teams {
		team.Members = slices.DeleteFunc(team.Members, func(member string) bool { return member == name })
		c.org.Teams[teamName] = team
	}
	delete(c.org.Collaborators, name)
	return done
}

// listRobots leaves out the tokens of the robots whether asked to or not: an estate has none.
func listRobots(c *call) response {
	robots := []object{}
	for _, short := range c.org.Robots {
		robots = append(robots, object{"name": c.robotName(short), "description": "", "created": nil, "last_accessed": nil})
	}
	return response{http.StatusOK, object{"robots": robots}}
}

// hasAccount says whether a person or a robot of any organisation has the name.
func (c *call) hasAccount(name string) bool {
	if c.instance.hasUser(name) {
		return true
	}
	for orgName, org := range c.instance.Orgs {
		if org.hasRobot(orgName, name) {
			return true
		}
	}
	return false
}

func isRobot(name string) bool { return strings.Contains(name, "+") }

// teamsOf returns the teams of the organisation that the account is a member of, sorted.
func (c *call) teamsOf(name string) []string {
	var teams []string
	for _, team := range slices.Sorted(maps.Keys(c.org.Teams)) {
		if slices.Contains(c.org.Teams[team].Members, name) {
			teams = append(teams, team)
		}
	}
	return teams
}

// admins returns the people in teams that administer the organisation.
func (c *call) admins() []string {
	var admins []string
	for _, team := range c.org.Teams {
		if team.Role != "admin" {
			continue
		}
		for _, member := range team.Members {
			if !isRobot(member) && !slices.Contains(admins, member) {
				admins = append(admins, member)
			}
		}
	}
	return admins
}
