package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestGrantsAreWhatARoleOpens(t *testing.T) {
	east := access.Cluster{Name: "east"}
	shop := func(change func(*access.Namespace)) *access.Namespace {
		n := &access.Namespace{Name: "shop", ManagedRoles: true, Cluster: east}
		change(n)
		return n
	}
	same := func(*access.Namespace) {}
	for _, tc := range []struct {
		name                     string
		access                   access.Access
		namespaces, clusters, in int
	}{
		{name: "a ClusterRole in a namespace", access: access.Access{Namespace: shop(same), Role: "view"}, namespaces: 1},
		{name: "a namespace without a role opens nothing", access: access.Access{Namespace: shop(same)}},
		{name: "a role without a namespace opens nothing", access: access.Access{Role: "view"}},
		{name: "a namespace whose roles are not managed is left alone", access: access.Access{Namespace: shop(func(n *access.Namespace) { n.ManagedRoles = false }), Role: "view"}},
		{name: "a namespace to be deleted is left alone", access: access.Access{Namespace: shop(func(n *access.Namespace) { n.Delete = true }), Role: "view"}},
		{name: "a ClusterRole in a cluster", access: access.Access{Cluster: &east, ClusterRole: "cluster-reader"}, clusters: 1},
		{name: "a group of a cluster", access: access.Access{Cluster: &east, Group: "dev"}, in: 1},
		{name: "both of a cluster", access: access.Access{Cluster: &east, Group: "dev", ClusterRole: "cluster-reader"}, clusters: 1, in: 1},
		{name: "a cluster alone opens nothing", access: access.Access{Cluster: &east}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			roles := []access.Role{{Name: "dev", Access: []access.Access{tc.access}}}
			require.Len(t, access.ToNamespaces(roles), tc.namespaces)
			require.Len(t, access.ToClusters(roles), tc.clusters)
			require.Len(t, access.ToGroups(roles), tc.in)
		})
	}
}

func TestARoleWithoutAValidDateIsAFaultOfEachClusterOnce(t *testing.T) {
	in := func(cluster string) access.Access {
		return access.Access{Cluster: &access.Cluster{Name: cluster}, Group: "dev"}
	}
	valid, faults := access.InForce(access.ToGroups([]access.Role{
		{Name: "broken", ExpirationDate: "soon", Access: []access.Access{in("east"), in("east"), in("west")}},
		{Name: "sound", ExpirationDate: "2031-03-15", Access: []access.Access{in("east")}},
		{Name: "over", ExpirationDate: "2031-03-14", Access: []access.Access{in("east")}},
	}), time.Date(2031, 3, 14, 0, 0, 0, 0, time.UTC))
	require.Len(t, valid, 1)
	require.Equal(t, "sound", valid[0].Role.Name)
	require.Len(t, faults, 2)
	for _, cluster := range []string{"east", "west"} {
		require.Len(t, faults[cluster], 1)
		require.ErrorContains(t, faults[cluster], `role broken: expirationDate "soon" is not a date of the form YYYY-MM-DD`)
	}
}

func TestAPersonIsBoundByEachNameThatTheClusterKnows(t *testing.T) {
	g := access.Grant{Name: "view", Cluster: access.Cluster{Name: "east", Auth: []access.Auth{{Service: "github-org-team"}, {Service: "rhidp"}}}, Role: access.Role{
		Name:  "dev",
		Users: []access.User{{OrgUsername: "ann", GitHubUsername: "ann-gh"}, {OrgUsername: "bob", GitHubUsername: "bob"}, {OrgUsername: "ann"}},
		Bots:  []access.Bot{{OpenShiftServiceAccount: "ci/deployer"}, {}, {OpenShiftServiceAccount: "deployer"}, {OpenShiftServiceAccount: "ci/x/y"}},
	}}
	names, err := g.UserNames()
	require.NoError(t, err)
	require.Equal(t, []string{"ann-gh", "ann", "bob"}, names)

	objects, problems := access.Bindings(access.RoleBinding, []access.Grant{g, g})
	var made []any
	for _, object := range objects {
		require.Equal(t, "RoleBinding", object["kind"])
		made = append(made, object["metadata"].(map[string]any)["name"], object["subjects"].([]any)[0])
	}
	require.Equal(t, []any{
		"view-ann-gh", map[string]any{"kind": "User", "name": "ann-gh"},
		"view-ann", map[string]any{"kind": "User", "name": "ann"},
		"view-bob", map[string]any{"kind": "User", "name": "bob"},
		"view-ci-deployer", map[string]any{"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"},
	}, made)
	require.Len(t, problems, 4, "two accounts, in each of two grants")
	require.True(t, apierr.Is(problems[0], apierr.Invalid))
	require.ErrorContains(t, problems[0], `role dev: the openshift_serviceaccount "deployer" of a bot is not of the form namespace/name`)
	require.ErrorContains(t, problems[1], `"ci/x/y"`)
}
