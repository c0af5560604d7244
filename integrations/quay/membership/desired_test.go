package membership

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

type (
	role = QuayPermissionsPermissionsPermissionQuayOrgTeamV1RolesRoleV1
	user = QuayPermissionsPermissionsPermissionQuayOrgTeamV1RolesRoleV1UsersUserV1
	bot  = QuayPermissionsPermissionsPermissionQuayOrgTeamV1RolesRoleV1BotsBotV1
)

func TestMembers(t *testing.T) {
	now := time.Date(2030, time.June, 15, 12, 0, 0, 0, time.UTC)
	alice, bob := user{QuayUsername: "alice"}, user{QuayUsername: "bob"}
	builder := bot{QuayUsername: "acme+ci"}
	for _, tc := range []struct {
		name     string
		roles    []role
		want     []string
		problems []string
	}{
		{"a permission without roles has no members", nil, nil, nil},
		{"a role without people has no members", []role{{Name: "empty"}}, nil, nil},
		{"users and bots of every role count", []role{{Users: []user{alice}, Bots: []bot{builder}}, {Users: []user{bob}}}, []string{"alice", "acme+ci", "bob"}, nil},
		{"who has no Quay name is left out", []role{{Users: []user{{}, alice}, Bots: []bot{{}}}}, []string{"alice"}, nil},
		{"a role counts until the day before its date", []role{{ExpirationDate: "2030-06-16", Users: []user{alice}}}, []string{"alice"}, nil},
		{"a role has expired on its date", []role{{ExpirationDate: "2030-06-15", Users: []user{alice}}, {Users: []user{bob}}}, []string{"bob"}, nil},
		{
			"a role with a bad date is a problem and the others count",
			[]role{{Name: "contractor", ExpirationDate: "soon", Users: []user{alice}}, {Users: []user{bob}}},
			[]string{"bob"},
			[]string{`role contractor: expirationDate "soon" is not a date of the form YYYY-MM-DD`},
		},
		{
			"every bad date is reported",
			[]role{{Name: "a", ExpirationDate: "2030-02-30"}, {Name: "b", ExpirationDate: "2030/06/15"}},
			nil,
			[]string{`role a: expirationDate "2030-02-30" is not a date of the form YYYY-MM-DD`, `role b: expirationDate "2030/06/15" is not a date of the form YYYY-MM-DD`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var problems reconcile.Problems
			names := members(permission{Roles: tc.roles}, now, &problems)
			require.ElementsMatch(t, tc.want, names)
			var texts []string
			for _, problem := range problems {
				require.True(t, apierr.Is(problem, apierr.Invalid), "%v", problem)
				texts = append(texts, problem.Error())
			}
			require.Equal(t, tc.problems, texts)
		})
	}
}

func TestEntry(t *testing.T) {
	team := Entry{Org: "quay.io/acme", Team: "developers"}
	member := Entry{Org: "quay.io/acme", Team: "developers", Member: "acme+ci"}
	require.Equal(t, "developers", team.Key())
	require.Equal(t, "team developers of quay.io/acme", team.Title())
	require.Equal(t, "developers/acme+ci", member.Key())
	require.Equal(t, "membership of acme+ci in team developers of quay.io/acme", member.Title())
	require.Less(t, team.Wave(), member.Wave(), "a team is created before its members are added")
}
