package access_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// input is what a vector gives.
type input struct {
	Kind, Today      string
	Auth             []access.Auth
	Roles            []access.Role
	UnavailableNames []string `json:"unavailable_clusters"`
}

// bound is a binding as vectors list it.
type bound struct {
	Cluster, Namespace, Name string
	Privileged               bool
	Object                   map[string]any
}

// known is a user as vectors list them.
type known struct{ Cluster, User string }

func TestVectors(t *testing.T) {
	const enforced = "whoever wants one name whatever the cluster takes it by its key (Key.Of)"
	seen := map[string]int{}
	vectors.Each(t, "rolebinding-identity", map[string]string{
		"rb-keys-enforced":            enforced,
		"rb-des-enforced":             enforced,
		"rb-des-github-username-null": "a person without a name in the cluster is left out, and not bound as None",
	}, func(t require.TestingT, v vectors.Vector) {
		var in input
		require.NoError(t, vectors.Decode(v.Input, &in))
		seen[in.Kind]++
		switch in.Kind {
		case "user-keys":
			keys(t, in, v)
		case "expiration-filter":
			valid, faults := access.InForce(access.ToNamespaces(in.Roles), day(t, in.Today))
			require.Empty(t, faults)
			require.Empty(t, valid, "the one vector has no roles")
		case "rolebindings":
			bindings(t, in, v, access.RoleBinding, access.ToNamespaces(in.Roles))
		case "clusterrolebindings":
			bindings(t, in, v, access.ClusterRoleBinding, access.ToClusters(in.Roles))
		}
	})
	for _, kind := range []string{"user-keys", "expiration-filter", "rolebindings", "clusterrolebindings"} {
		require.NotZero(t, seen[kind], kind)
	}
}

func day(t require.TestingT, text string) time.Time {
	today, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return today
}

func keys(t require.TestingT, in input, v vectors.Vector) {
	keys, err := access.Cluster{Name: "east", Auth: in.Auth}.Keys()
	if v.Fails() {
		require.ErrorContains(t, err, "cluster east: how people log in by the auth service")
		return
	}
	require.NoError(t, err)
	var out struct {
		Keys []access.Key `json:"user_keys"`
	}
	require.NoError(t, vectors.Decode(v.Output, &out))
	require.Equal(t, out.Keys, keys)
}

func bindings(t require.TestingT, in input, v vectors.Vector, kind string, grants []access.Grant) {
	valid, faults := access.InForce(grants, day(t, in.Today))
	var problems reconcile.Problems
	for _, of := range faults {
		problems = append(problems, of...)
	}
	type place struct {
		cluster, namespace string
		privileged         bool
	}
	places := map[place][]access.Grant{}
	var users []known
	for _, g := range valid {
		if slices.Contains(in.UnavailableNames, g.Cluster.Name) {
			continue
		}
		at := place{g.Cluster.Name, g.Namespace, g.Privileged}
		places[at] = append(places[at], g)
		// What cannot be named is a problem of the bindings below.
		names, _ := g.UserNames()
		for _, name := range names {
			users = append(users, known{g.Cluster.Name, name})
		}
	}
	var made []bound
	for at, grants := range places {
		objects, refused := access.Bindings(kind, grants)
		problems = append(problems, refused...)
		for _, object := range objects {
			made = append(made, bound{at.cluster, cmp.Or(at.namespace, "cluster"), object["metadata"].(map[string]any)["name"].(string), at.privileged, object})
		}
	}
	if v.Fails() {
		require.NotEmpty(t, problems)
		return
	}
	require.Empty(t, problems)
	var out struct {
		Bindings []bound
		Users    []known
	}
	require.NoError(t, vectors.Decode(v.Output, &out))
	require.ElementsMatch(t, out.Bindings, made)
	if kind == access.RoleBinding {
		require.ElementsMatch(t, out.Users, users)
	}
}
