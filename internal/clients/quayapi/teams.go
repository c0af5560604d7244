package quayapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// CreateTeam creates a team with the role member. A team that is there gets this role.
func (c *Client) CreateTeam(ctx context.Context, org, team string) error {
	return c.do(ctx, request{
		what:   fmt.Sprintf("create team %s in %s", team, org),
		method: http.MethodPut,
		path:   []string{"organization", org, "team", team},
		body:   map[string]string{"role": "member"},
	}, nil)
}

// ListTeamMembers returns the account names of a team's members, and of those who are invited and have not accepted
// yet, sorted. It is Missing when the organisation has no such team.
//
// Differs from the reference: people invited by an address are left out, since they have no account name. The
// reference breaks off.
func (c *Client) ListTeamMembers(ctx context.Context, org, team string) ([]string, error) {
	var answer struct {
		Members []struct {
			Name string `json:"name"`
		} `json:"members"`
	}
	err := c.do(ctx, request{
		what:   fmt.Sprintf("list members of team %s in %s", team, org),
		method: http.MethodGet,
		path:   []string{"organization", org, "team", team, "members"},
		query:  url.Values{"includePending": {"true"}},
	}, &answer)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, member := range answer.Members {
		if member.Name != "" {
			names = append(names, member.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// AddTeamMember adds an account to a team, or invites it where Quay wants that. An account that is in the team or
// invited already is left alone: Quay would invite it a second time. It is Missing when the organisation has no such
// team, and Invalid when there is no such account.
func (c *Client) AddTeamMember(ctx context.Context, org, team, member string) error {
	members, err := c.ListTeamMembers(ctx, org, team)
	if err != nil {
		return err
	}
	if slices.Contains(members, member) {
		return nil
	}
	err = c.do(ctx, request{
		what:   fmt.Sprintf("add %s to team %s in %s", member, team, org),
		method: http.MethodPut,
		path:   []string{"organization", org, "team", team, "members", member},
	}, nil)
	if said(err, fmt.Sprintf("User %s is already a member of team %s", member, team)) {
		return nil
	}
	return err
}

// RemoveTeamMember removes an account from a team, or takes its invitation back. A person who is then in no team of
// the organisation is removed from the organisation as well, which takes away the permissions on single repositories.
// An account, member or team that is not there is success.
//
// Differs from the reference: a person who is still in another team stays in the organisation. Quay removes people
// from all teams when it removes them from the organisation, so that in the reference leaving one team costs the
// membership in every other until the next run adds it again. A robot is never removed from the organisation, which
// Quay has no call for; the reference fails there.
func (c *Client) RemoveTeamMember(ctx context.Context, org, team, member string) error {
	err := c.do(ctx, request{
		what:   fmt.Sprintf("remove %s from team %s in %s", member, team, org),
		method: http.MethodDelete,
		path:   []string{"organization", org, "team", team, "members", member},
	}, nil)
	gone := apierr.Is(err, apierr.Missing) || said(err, fmt.Sprintf("User %s does not belong to team %s", member, team))
	if err != nil && !gone {
		return err
	}
	if isRobot(member) {
		return nil
	}
	inATeam, err := c.inSomeTeam(ctx, org, member)
	if err != nil || inATeam {
		return err
	}
	err = c.do(ctx, request{
		what:   fmt.Sprintf("remove %s from %s", member, org),
		method: http.MethodDelete,
		path:   []string{"organization", org, "members", member},
	}, nil)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

// inSomeTeam says whether a person is a member of any team of the organisation. Quay does not find a person who is in
// none.
func (c *Client) inSomeTeam(ctx context.Context, org, member string) (bool, error) {
	var answer struct {
		Teams []struct {
			Name string `json:"name"`
		} `json:"teams"`
	}
	err := c.do(ctx, request{
		what:   fmt.Sprintf("list teams of %s in %s", member, org),
		method: http.MethodGet,
		path:   []string{"organization", org, "members", member},
	}, &answer)
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return len(answer.Teams) > 0, err
}
