package server_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// TestThePublishedSchemaIsServed builds the whole schema of app-interface, which has types that stand for datafiles
// without the fields of DatafileObject_v1.
func TestThePublishedSchemaIsServed(t *testing.T) {
	const file = "../../../../shared/appinterface/schema.yml"
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		t.Skipf("the published schema is not here: %s", file)
	}
	require.NoError(t, err)
	files := estate(3)
	files["graphql-schemas/schema.yml"] = &fstest.MapFile{Data: data}
	files["data/permission.yml"] = &fstest.MapFile{Data: []byte("$schema: /access/permission-1.yml\nname: p\ndescription: d\nservice: github-org-team\norg: o\nteam: t\n")}
	b, err := server.ReadFolder(files, server.FolderOptions{})
	require.NoError(t, err)
	answer := ask(t, b, server.Query{Query: `{
		namespaces_v1(filter: {cluster: {filter: {name: "cluster-1"}}}) { name cluster { name namespaces { name } } }
		permissions_v1 { __typename service ... on PermissionGithubOrgTeam_v1 { team } }
		datafile: __type(name: "DatafileObject_v1") { possibleTypes { name } }
		odd: __type(name: "CNANullAsset_v1") { interfaces { name } }
	}`})
	require.NotContains(t, answer, "errors")
	data1 := answer["data"].(map[string]any)
	require.Equal(t, []any{map[string]any{"name": "ns-1", "cluster": map[string]any{"name": "cluster-1", "namespaces": []any{map[string]any{"name": "ns-1"}}}}}, data1["namespaces_v1"])
	require.Equal(t, []any{map[string]any{"__typename": "PermissionGithubOrgTeam_v1", "service": "github-org-team", "team": "t"}}, data1["permissions_v1"])
	require.Contains(t, data1["datafile"].(map[string]any)["possibleTypes"], map[string]any{"name": "Namespace_v1"})
	require.Equal(t, []any{map[string]any{"name": "CNAsset_v1"}}, data1["odd"].(map[string]any)["interfaces"])
}
