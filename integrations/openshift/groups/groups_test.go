package groups

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// action is one of a vector's.
type action struct{ Action, Cluster, Group, User string }

func TestVectors(t *testing.T) {
	seen := 0
	vectors.Each(t, "rolebinding-identity", nil, func(t require.TestingT, v vectors.Vector) {
		var in struct {
			Kind             string
			Current, Desired []Member
		}
		require.NoError(t, vectors.Decode(v.Input, &in))
		if in.Kind != "groups-diff" {
			return
		}
		seen++
		var changes []plan.Change[Member]
		for _, cluster := range []string{"east", "west"} {
			made, problems := plan.Diff(entries(cluster, in.Desired, in.Desired), entries(cluster, in.Current, in.Desired))
			require.Empty(t, problems)
			changes = append(changes, made...)
		}
		var got []action
		for _, c := range changes {
			switch {
			case c.Action == plan.Delete:
				got = append(got, action{"del_user_from_group", c.Current.Cluster, c.Current.Group, c.Current.User})
			case c.Desired.User == "":
				got = append(got, action{"create_group", c.Desired.Cluster, c.Desired.Group, ""})
			default:
				got = append(got, action{"add_user_to_group", c.Desired.Cluster, c.Desired.Group, c.Desired.User})
			}
		}
		var out struct{ Actions []action }
		require.NoError(t, vectors.Decode(v.Output, &out))
		var want []action
		for _, a := range out.Actions {
			// The reference plans these and carries none of them out.
			if a.Action != "delete_group" {
				want = append(want, a)
			}
		}
		require.ElementsMatch(t, want, got)
	})
	require.NotZero(t, seen)
}

// entries are the memberships of a cluster with their groups, as Desired and Current return them: groups that are not
// desired are left out.
func entries(cluster string, state, desired []Member) []Member {
	wanted := map[Member]bool{}
	for _, m := range desired {
		wanted[Member{Cluster: m.Cluster, Group: m.Group}] = true
	}
	var all []Member
	seen := map[Member]bool{}
	for _, m := range state {
		if m.Cluster != cluster {
			continue
		}
		if group := (Member{Cluster: m.Cluster, Group: m.Group}); wanted[group] && !seen[group] {
			seen[group] = true
			all = append(all, group)
		}
		all = append(all, m)
	}
	return all
}
