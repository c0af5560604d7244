package kubeapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// newOpenShift is a virtual cluster with an estate, which has the definitions of OpenShift's kinds.
func newOpenShift(t *testing.T, estate string) *world {
	t.Helper()
	kube := serverstest.Kube(t)
	virtual, err := cluster.New(kube, cluster.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, virtual.Close()) })
	for _, kind := range []string{"groups", "users", "identities"} {
		estate += "\n---\n{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: " + kind + ".user.openshift.io}}"
	}
	require.NoError(t, virtual.Load(t.Context(), []byte(estate)))
	return connect(t, &world{url: virtual.URL(), token: kube.Token, http: &http.Client{}, faults: virtual.Faults})
}

func TestServerMembersThatSomebodyElseChangesMeanwhileStay(t *testing.T) {
	t.Parallel()
	w := newOpenShift(t, `{apiVersion: user.openshift.io/v1, kind: Group, metadata: {name: ops}, users: [eve, zoe]}`)
	require.True(t, apierr.Is(w.CreateGroup(w.read, "dev"), apierr.Guard), "nothing is made without a grant")
	require.NoError(t, w.CreateGroup(w.write, "dev"))
	require.NoError(t, w.CreateGroup(w.write, "dev"), "there already is fine")

	var all []string
	var changes errgroup.Group
	for i := range 8 {
		user := fmt.Sprintf("user-%d", i)
		all = append(all, user)
		changes.Go(func() error { return w.AddGroupMember(w.write, "dev", user) })
	}
	changes.Go(func() error { return w.RemoveGroupMember(w.write, "ops", "zoe") })
	require.NoError(t, changes.Wait())
	require.NoError(t, w.AddGroupMember(w.write, "dev", "user-1"), "in already is fine")
	require.NoError(t, w.RemoveGroupMember(w.write, "ops", "zoe"), "out already is fine")
	require.NoError(t, w.RemoveGroupMember(w.write, "gone", "zoe"), "and so is a group that is gone")
	require.True(t, apierr.Is(w.AddGroupMember(w.write, "gone", "zoe"), apierr.Missing))

	groups, err := w.ListGroups(w.read)
	require.NoError(t, err)
	require.ElementsMatch(t, []kubeapi.Group{{Name: "dev", Users: all}, {Name: "ops", Users: []string{"eve"}}}, groups)
}

func TestServerAUserGoesWithTheIdentities(t *testing.T) {
	t.Parallel()
	w := newOpenShift(t, `
{apiVersion: user.openshift.io/v1, kind: User, metadata: {name: ann, labels: {admin: "yes"}}, identities: ["github:ann", "sso:ann"]}
---
{apiVersion: user.openshift.io/v1, kind: Identity, metadata: {name: "sso:ann"}, providerName: sso, providerUserName: ann, user: {name: ann}}
---
{apiVersion: user.openshift.io/v1, kind: Identity, metadata: {name: "sso:bob"}, providerName: sso, providerUserName: bob, user: {name: bob}}
`)
	users, err := w.ListUsers(w.read)
	require.NoError(t, err)
	require.Equal(t, []kubeapi.User{{Name: "ann", Identities: []string{"github:ann", "sso:ann"}, Admin: true}}, users)

	never, always := func(kubeapi.User) bool { return false }, func(u kubeapi.User) bool { return u.Admin }
	require.True(t, apierr.Is(w.DeleteUser(w.read, "ann", always), apierr.Guard), "nothing is deleted without a grant")
	require.True(t, apierr.Is(w.DeleteUser(w.write, "ann", never), apierr.Guard))
	require.Equal(t, []string{"sso:ann", "sso:bob"}, w.named("Identity"))
	require.NoError(t, w.DeleteUser(w.write, "ann", always), "an identity that is gone is fine")
	require.Equal(t, []string{"sso:bob"}, w.named("Identity"))
	require.Empty(t, w.named("User.user.openshift.io"))
	require.NoError(t, w.DeleteUser(w.write, "ann", never), "a user who is gone is fine")
}

func TestServerANamespaceKeepsTheLabelsOfOthers(t *testing.T) {
	t.Parallel()
	w := newOpenShift(t, `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {hand: made, old: "1", kept: "1"}}}`)
	require.True(t, apierr.Is(w.LabelNamespace(w.read, "shop", map[string]string{"new": "1"}, nil), apierr.Guard))
	require.NoError(t, w.LabelNamespace(w.write, "shop", map[string]string{"new": "1", "kept": "2"}, []string{"old", "never"}))
	labels, err := w.ListNamespaceLabels(w.read)
	require.NoError(t, err)
	delete(labels["shop"], "kubernetes.io/metadata.name")
	require.Equal(t, map[string]map[string]string{"shop": {"hand": "made", "kept": "2", "new": "1"}}, labels)
	require.True(t, apierr.Is(w.LabelNamespace(w.write, "gone", map[string]string{"new": "1"}, nil), apierr.Missing))
}

// named are the names of all objects of a kind of the cluster itself.
func (w *world) named(kind string) []string {
	w.t.Helper()
	items, err := w.List(w.read, kind, "", "")
	require.NoError(w.t, err)
	return names(items)
}
