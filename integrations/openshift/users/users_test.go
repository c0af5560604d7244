package users

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestWhichUsersAreManaged(t *testing.T) {
	c := access.ManagedCluster{Auth: []access.Auth{{Service: "github-org"}, {Service: "oidc", Name: "sso"}}}
	for _, tc := range []struct {
		name    string
		user    kubeapi.User
		managed bool
	}{
		{"one of GitHub, whatever the cluster's services", kubeapi.User{Identities: []string{"github-acme:ann"}}, true},
		{"one of an identity provider of the cluster", kubeapi.User{Identities: []string{"ldap:ann", "sso:ann"}}, true},
		{"one of another identity provider", kubeapi.User{Identities: []string{"ldap:ann"}}, false},
		{"one without identity", kubeapi.User{}, false},
		{"an admin", kubeapi.User{Identities: []string{"sso:ann"}, Admin: true}, false},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.managed, isManaged(c, tc.user)) })
	}
}

func TestWhoComesAndGoesMeanwhileIsNeitherCreatedNorDeleted(t *testing.T) {
	f := &fakeCluster{users: []string{"ann", "bob", "eve"}}
	r, scope := f.reconciler(t), reconcile.Scope{Integration: Name, Name: "prod-1"}
	desired, err := r.Desired(t.Context(), scope)
	require.NoError(t, err)
	require.Equal(t, []User{{"prod-1", "ann"}, {"prod-1", "bob"}}, desired)

	f.users = []string{"bob", "carl", "eve"}
	current, err := r.Current(t.Context(), scope, desired)
	require.NoError(t, err)
	changes, problems := plan.Diff(desired, current)
	require.Empty(t, problems)
	require.Len(t, changes, 1, "ann has gone and carl, who is entitled, has come")
	require.Equal(t, "delete user eve in cluster prod-1", changes[0].Summary)
}

func TestAUserWhoHasBecomeAnAdminStays(t *testing.T) {
	f := &fakeCluster{users: []string{"eve"}}
	r, scope := f.reconciler(t), reconcile.Scope{Integration: Name, Name: "prod-1"}
	change := plan.Change[User]{Head: plan.Head{Action: plan.Delete}, Current: &User{"prod-1", "eve"}}
	f.admin = true
	require.True(t, apierr.Is(r.Apply(t.Context(), scope, change), apierr.Guard))
	require.Empty(t, f.deleted)
	f.admin = false
	require.NoError(t, r.Apply(t.Context(), scope, change))
	require.Equal(t, []string{"eve"}, f.deleted)
}

// fakeCluster is one cluster and the app-interface that describes it: ann, bob and carl are entitled.
type fakeCluster struct {
	users   []string
	admin   bool
	deleted []string
}

func (f *fakeCluster) reconciler(t *testing.T) *reconciler {
	t.Helper()
	return &reconciler{
		at:      func(reconcile.Scope) graphql.Client { return f },
		now:     time.Now,
		connect: func(context.Context, reconcile.Scope, access.ManagedCluster) (cluster, error) { return f, nil },
	}
}

func (f *fakeCluster) MakeRequest(_ context.Context, _ *graphql.Request, resp *graphql.Response) error {
	return json.Unmarshal([]byte(`{
		"clusters": [{"name": "prod-1"}],
		"roles": [{"name": "dev", "users": [{"github_username": "ann"}, {"github_username": "bob"}, {"github_username": "carl"}],
			"access": [{"cluster": {"name": "prod-1"}, "group": "dev"}]}]}`), resp.Data)
}

func (f *fakeCluster) ListUsers(context.Context) ([]kubeapi.User, error) {
	var users []kubeapi.User
	for _, name := range f.users {
		users = append(users, f.user(name))
	}
	return users, nil
}

func (f *fakeCluster) user(name string) kubeapi.User {
	return kubeapi.User{Name: name, Identities: []string{"github:" + name}, Admin: f.admin}
}

func (f *fakeCluster) DeleteUser(_ context.Context, name string, may func(kubeapi.User) bool) error {
	if !may(f.user(name)) {
		return apierr.Errorf(apierr.Guard, "user %s stays", name)
	}
	f.deleted = append(f.deleted, name)
	return nil
}
