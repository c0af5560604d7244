package quay

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Estate is what there is in Quay, as a case writes it down.
type Estate struct {
	// Instances by the name that stands in their URL.
	Instances map[string]Instance `json:"instances"`
}

// Instance is one Quay with its accounts.
type Instance struct {
	// Users are the accounts of people, by user name. Robots belong to their organisation.
	Users []string       `json:"users,omitempty"`
	Orgs  map[string]Org `json:"orgs,omitempty"`
	// RequireInvite makes people who are in no team of an organisation invited, not added, as quay.io does.
	RequireInvite bool `json:"requireInvite,omitempty"`
	// Throttle is used up by requests and no part of a Dump.
	Throttle *Throttle `json:"throttle,omitempty"`
}

// Throttle turns away a number of requests with 429.
type Throttle struct {
	Requests int `json:"requests"`
	// RetryAfter is in seconds; zero sends no header.
	RetryAfter int `json:"retryAfter,omitempty"`
}

// Org is one organisation.
type Org struct {
	// Token is an OAuth token that administers the organisation, and nothing else.
	Token string          `json:"token"`
	Teams map[string]Team `json:"teams,omitempty"`
	// Robots by their short name: ci is the account ORG+ci.
	Robots []string `json:"robots,omitempty"`
	// Collaborators are people with permissions of their own, by user name, with the repositories they are for.
	Collaborators map[string][]string `json:"collaborators,omitempty"`
}

// Team is one team of an organisation.
type Team struct {
	// Role is member, creator or admin.
	Role        string   `json:"role"`
	Description string   `json:"description,omitempty"`
	Members     []string `json:"members,omitempty"`
	// Invited are people who have not accepted yet.
	Invited []string `json:"invited,omitempty"`
	// InvitedEmails are people invited by an address, who may have no account.
	InvitedEmails []string `json:"invitedEmails,omitempty"`
}

// ParseEstate reads an estate from YAML. An unknown key, a role that Quay does not have and a team member without an
// account are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("quay estate: %w", err)
	}
	var errs []error
	for name, instance := range estate.Instances {
		for orgName, org := range instance.Orgs {
			for teamName, team := range org.Teams {
				at := fmt.Sprintf("quay estate: team %s of %s in %s", teamName, orgName, name)
				if !slices.Contains(roles[:], team.Role) {
					errs = append(errs, fmt.Errorf("%s has the role %q: use one of %v", at, team.Role, roles))
				}
				for _, member := range slices.Concat(team.Members, team.Invited) {
					if !instance.hasUser(member) && !org.hasRobot(orgName, member) {
						errs = append(errs, fmt.Errorf("%s has %s, who has no account: add it to users, or to the robots of %s", at, member, orgName))
					}
				}
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return estate, errors.Join(errs...)
}

func (i Instance) hasUser(name string) bool { return slices.Contains(i.Users, name) }

func (o Org) hasRobot(org, account string) bool {
	return slices.ContainsFunc(o.Robots, func(short string) bool { return account == org+"+"+short })
}

// clone returns a copy that shares nothing.
func (e Estate) clone() Estate {
	instances := map[string]Instance{}
	for name, instance := range e.Instances {
		instance.Users = slices.Clone(instance.Users)
		if instance.Throttle != nil {
			throttle := *instance.Throttle
			instance.Throttle = &throttle
		}
		orgs := map[string]Org{}
		for orgName, org := range instance.Orgs {
			orgs[orgName] = org.clone()
		}
		instance.Orgs = orgs
		instances[name] = instance
	}
	return Estate{Instances: instances}
}

func (o Org) clone() Org {
	teams := map[string]Team{}
	for name, team := range o.Teams {
		team.Members, team.Invited = slices.Clone(team.Members), slices.Clone(team.Invited)
		team.InvitedEmails = slices.Clone(team.InvitedEmails)
		teams[name] = team
	}
	collaborators := maps.Clone(o.Collaborators)
	for user, repositories := range collaborators {
		collaborators[user] = slices.Clone(repositories)
	}
	o.Teams, o.Robots, o.Collaborators = teams, slices.Clone(o.Robots), collaborators
	return o
}

// sorted brings every list into order, so that equal estates are equal text. It changes the estate itself.
func (e Estate) sorted() Estate {
	for name, instance := range e.Instances {
		instance.Throttle = nil
		slices.Sort(instance.Users)
		for _, org := range instance.Orgs {
			slices.Sort(org.Robots)
			for teamName, team := range org.Teams {
				slices.Sort(team.Members)
				slices.Sort(team.Invited)
				slices.Sort(team.InvitedEmails)
				org.Teams[teamName] = team
			}
			for _, repositories := range org.Collaborators {
				slices.Sort(repositories)
			}
		}
		e.Instances[name] = instance
	}
	return e
}
