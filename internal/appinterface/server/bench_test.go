package server_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

const namespacesQuery = `{
  namespaces: namespaces_v1 {
    path name delete labels clusterAdmin managedResourceTypes
    app { path name }
    cluster {
      name serverUrl insecureSkipTLSVerify internal
      jumpHost { hostname knownHosts user port identity { path field version format } }
      automationToken { path field version format }
      clusterAdminAutomationToken { path field version format }
      disable { integrations }
    }
    managedResourceNames { resource resourceNames }
    externalResources { provider }
    quota { quotas { name resources { limits { cpu memory } requests { cpu memory } pods } scopes } }
  }
}`

// estate is a folder with that many namespaces on twenty clusters.
func estate(namespaces int) fstest.MapFS {
	files := fstest.MapFS{}
	add := func(name, format string, args ...any) {
		files["data/"+name] = &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
	}
	add("app.yml", "$schema: /app-sre/app-1.yml\nname: app\ndescription: d\nonboardingStatus: OnBoarded\n")
	add("quota.yml", "$schema: /openshift/quota-1.yml\nname: quota\ndescription: d\nquotas:\n- name: q\n  resources: { limits: { cpu: '1' }, requests: { memory: 1Gi }, pods: 3 }\n")
	for i := range 20 {
		add(fmt.Sprintf("cluster-%d.yml", i), "$schema: /openshift/cluster-1.yml\nname: cluster-%d\nserverUrl: https://c%d\nauth: []\nautomationToken: { path: p, field: f }\n", i, i)
	}
	for i := range namespaces {
		add(fmt.Sprintf("namespace-%d.yml", i), "$schema: /openshift/namespace-1.yml\nname: ns-%d\ndescription: d\nlabels: { team: a }\ncluster: { $ref: /cluster-%d.yml }\napp: { $ref: /app.yml }\nquota: { $ref: /quota.yml }\nmanagedResourceTypes: [ Secret ]\n", i, i%20)
	}
	return files
}

func estateBundle(t testing.TB, namespaces int) *server.Bundle {
	t.Helper()
	b, err := server.ReadFolder(estate(namespaces), server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	return b
}

func TestTheNamespacesQueryOverOurSchema(t *testing.T) {
	answer := ask(t, estateBundle(t, 40), server.Query{Query: namespacesQuery})
	require.NotContains(t, answer, "errors")
	namespaces := answer["data"].(map[string]any)["namespaces"].([]any)
	require.Len(t, namespaces, 40)
	require.Equal(t, "cluster-1", namespaces[1].(map[string]any)["cluster"].(map[string]any)["name"])
	require.Equal(t, map[string]any{"schemas": []any{"/openshift/namespace-1.yml", "/app-sre/app-1.yml", "/openshift/cluster-1.yml", "/openshift/quota-1.yml"}}, answer["extensions"])
}

func BenchmarkNamespaces(b *testing.B) {
	bundle := estateBundle(b, 2000)
	for b.Loop() {
		if answer := bundle.Execute(context.Background(), server.Query{Query: namespacesQuery}); len(answer.Errors) > 0 {
			b.Fatal(answer.Errors)
		}
	}
}

func BenchmarkReadBundle(b *testing.B) {
	data, _, err := server.EncodeFolder(estate(2000), server.FolderOptions{Schema: embedded.Schema})
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := server.ReadBundle(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
