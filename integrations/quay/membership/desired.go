package membership

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/expiration"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

type (
	permission = QuayPermissionsPermissionsPermissionQuayOrgTeamV1
	org        = QuayOrgsOrgsQuayOrgV1
)

func orgName(instance, name string) string { return instance + "/" + name }

// Shards are the organisations that have an automation token, and those that a permission names all the same: there
// the fault has to be reported.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	orgs, err := r.orgs(ctx, s)
	if err != nil {
		return nil, err
	}
	permissions, err := r.permissions(ctx, s)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range orgs {
		if o.AutomationToken != nil {
			names = append(names, orgName(o.Instance.Name, o.Name))
		}
	}
	for _, p := range permissions {
		names = append(names, orgName(p.QuayOrg.Instance.Name, p.QuayOrg.Name))
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Desired returns the teams that permissions name and their members. A permission for a team that is not managed, and
// a role whose expirationDate is no date, are problems.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Entry, error) {
	o, err := r.org(ctx, s)
	if err != nil {
		return nil, err
	}
	permissions, err := r.permissions(ctx, s)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var problems reconcile.Problems
	var entries []Entry
	seen := map[Entry]bool{}
	add := func(e Entry) {
		if !seen[e] {
			seen[e] = true
			entries = append(entries, e)
		}
	}
	for _, p := range permissions {
		if orgName(p.QuayOrg.Instance.Name, p.QuayOrg.Name) != s.Name {
			continue
		}
		if !slices.Contains(o.ManagedTeams, p.Team) {
			problems = append(problems, fmt.Errorf("permission %s: team %s is not one of the managedTeams of the Quay organisation %s; add it there", p.Name, p.Team, s.Name))
			continue
		}
		add(Entry{Org: s.Name, Team: p.Team})
		for _, member := range members(p, now, &problems) {
			add(Entry{Org: s.Name, Team: p.Team, Member: member})
		}
	}
	return entries, problems.ErrorOrNil()
}

// members returns the Quay names of the users and bots of the permission's roles.
func members(p permission, now time.Time, problems *reconcile.Problems) []string {
	var names []string
	for _, role := range p.Roles {
		expired, err := expiration.Expired(role.ExpirationDate, now)
		if err != nil {
			*problems = append(*problems, fmt.Errorf("role %s: %w", role.Name, err))
		}
		if expired || err != nil {
			continue
		}
		for _, user := range role.Users {
			names = append(names, user.QuayUsername)
		}
		for _, bot := range role.Bots {
			names = append(names, bot.QuayUsername)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

func (r *reconciler) permissions(ctx context.Context, s reconcile.Scope) ([]permission, error) {
	answer, err := QuayPermissions(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var permissions []permission
	for _, p := range answer.Permissions {
		if p, ok := p.(*permission); ok {
			permissions = append(permissions, *p)
		}
	}
	return permissions, nil
}

func (r *reconciler) orgs(ctx context.Context, s reconcile.Scope) ([]org, error) {
	answer, err := QuayOrgs(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return answer.Orgs, nil
}

// org returns the organisation of the scope, which has an automation token.
func (r *reconciler) org(ctx context.Context, s reconcile.Scope) (org, error) {
	orgs, err := r.orgs(ctx, s)
	if err != nil {
		return org{}, err
	}
	for _, o := range orgs {
		if orgName(o.Instance.Name, o.Name) == s.Name && o.AutomationToken != nil {
			return o, nil
		}
	}
	return org{}, apierr.Errorf(apierr.Invalid, "the Quay organisation %s has no automationToken, and permissions name it; add the token, or remove the permissions", s.Name)
}
