package appinterface_test

import (
	"net/http"
	"testing"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/inputs"
)

// same asks one query of two bundles whose answers are given, and says whether they count as the same.
func same(t *testing.T, query, base, head string) bool {
	t.Helper()
	f := &world{t: t, graphql: func(w http.ResponseWriter, path, _ string, _ map[string]string) {
		if path == "/graphqlsha/base" {
			reply(w, base)
			return
		}
		reply(w, head)
	}}
	client := f.client(appinterface.Config{})
	var sides [2]*inputs.Recording
	for i, bundle := range []string{"base", "head"} {
		ctx, recording := inputs.Record(t.Context())
		var data any
		require.NoError(t, client.For("x", bundle, false).MakeRequest(ctx, &graphql.Request{Query: query}, &graphql.Response{Data: &data}))
		sides[i] = recording
	}
	d, err := inputs.Compare(sides[0], sides[1], nil)
	require.NoError(t, err)
	return d.Same()
}

func TestWhichListsHaveAnOrder(t *testing.T) {
	for _, tc := range []struct {
		name              string
		query, base, head string
		same              bool
	}{
		{"datafiles have none", `{ names: namespaces_v1 { name } }`, `{"names": [{"name": "a"}, {"name": "b"}]}`, `{"names": [{"name": "b"}, {"name": "a"}]}`, true},
		{"resources have none", `{ resources_v1(schema: "/x.yml") { path } }`, `{"resources_v1": [{"path": "a"}, {"path": "b"}]}`, `{"resources_v1": [{"path": "b"}, {"path": "a"}]}`, true},
		{
			"a list within a datafile has one", `{ namespaces_v1 { quota { quotas { scopes } } } }`,
			`{"namespaces_v1": [{"quota": {"quotas": [{"scopes": ["a", "b"]}]}}]}`, `{"namespaces_v1": [{"quota": {"quotas": [{"scopes": ["b", "a"]}]}}]}`, false,
		},
		{
			"objects that refer to another one have none, in fragments too", `{ roles_v1 { ...r } } fragment r on Role_v1 { ... on Role_v1 { members: users { name } } }`,
			`{"roles_v1": [{"members": [{"name": "a"}, {"name": "b"}]}]}`, `{"roles_v1": [{"members": [{"name": "b"}, {"name": "a"}]}]}`, true,
		},
		{"of a query that does not fit the schema the root has none", `{ things { parts } }`, `{"things": [{"parts": 1}, {"parts": 2}]}`, `{"things": [{"parts": 2}, {"parts": 1}]}`, true},
		{"and everything below it has one", `{ things { parts } }`, `{"things": [{"parts": [1, 2]}]}`, `{"things": [{"parts": [2, 1]}]}`, false},
		{"what is no query has nothing but order", `things`, `{"things": [1, 2]}`, `{"things": [2, 1]}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.same, same(t, tc.query, tc.base, tc.head))
			require.True(t, same(t, tc.query, tc.base, tc.base))
		})
	}
}

func TestAResourceIsPartOfWhatIsRead(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, path, _ string, _ map[string]string) {
		reply(w, `{"resources": [{"path": "/a", "content": "`+path+`", "sha256sum": "x"}]}`)
	}}
	client := f.client(appinterface.Config{})
	read := func(bundle string) *inputs.Recording {
		ctx, recording := inputs.Record(t.Context())
		_, err := client.For("x", bundle, false).Resource(ctx, "/a")
		require.NoError(t, err)
		return recording
	}
	d, err := inputs.Compare(read("base"), read("head"), nil)
	require.NoError(t, err)
	require.False(t, d.Same())
	require.Equal(t, []string{"resources of query Resource"}, d.Unmapped)
}

func TestTheListOfAllowedSchemasIsNoInput(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, path, operation string, _ map[string]string) {
		if operation == "Integrations" {
			reply(w, `{"integrations": [{"name": "x", "schemas": ["/`+path+`", "/a-1.yml"]}]}`)
			return
		}
		reply(w, `{"teams": ["a"]}`, "/a-1.yml")
	}}
	client := f.client(appinterface.Config{})
	read := func(bundle string) *inputs.Recording {
		ctx, recording := inputs.Record(t.Context())
		_, err := ask(ctx, client.For("x", bundle, true), "Teams")
		require.NoError(t, err)
		return recording
	}
	d, err := inputs.Compare(read("base"), read("head"), nil)
	require.NoError(t, err)
	require.True(t, d.Same())
}
