package skuppernetwork_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"golang.org/x/tools/txtar"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/integrations/openshift/skuppernetwork"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

var secrets = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}

// network is an estate that is kept running, and a worker for it.
type network struct {
	t    *testing.T
	c    client.Client
	live *rehearse.Live
	kube *servers.Kube
}

// open starts the estate of a case.
func open(t *testing.T, path string) *network {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	folder := t.TempDir()
	known, err := os.ReadFile("../../../deploy/sample/data/integrations/skupper-network.yml")
	require.NoError(t, err)
	for _, file := range append(txtar.Parse(text).Files, txtar.File{Name: "data/integration.yml", Data: known}) {
		at := filepath.Join(folder, file.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, file.Data, 0o600))
	}
	kube, temporal := serverstest.Kube(t), serverstest.OwnTemporal(t)
	watch := leaktest.New(t)
	c := watch.Connect(t, connect.Options{Address: temporal.HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir())}})
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "openshift", Integrations: []reconcile.Definition{skuppernetwork.Definition()}})
	require.NoError(t, err)
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(), Searchable: true,
		Kube: func(context.Context) (*servers.Kube, error) { return kube, nil }, Logger: watch.Logger(t),
	})
	require.NoError(t, err)
	t.Cleanup(stage.Close)
	live, err := stage.Open(t.Context(), folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, live.Close()) })
	return &network{t: t, c: c.Client, live: live, kube: kube}
}

// run runs the integration to its end.
func (n *network) run() *workflows.Result {
	n.t.Helper()
	started, err := n.c.ExecuteWorkflow(n.t.Context(), client.StartWorkflowOptions{ID: skuppernetwork.Name, TaskQueue: skuppernetwork.Name}, skuppernetwork.Name, workflows.Input{})
	require.NoError(n.t, err)
	result := &workflows.Result{}
	require.NoError(n.t, started.Get(n.t.Context(), result))
	return result
}

// secrets are those of the namespace shop of a cluster.
func (n *network) secrets(cluster string) dynamic.ResourceInterface {
	n.t.Helper()
	for _, system := range n.live.Systems() {
		if system.Name == "kubernetes/"+cluster {
			c, err := dynamic.NewForConfig(&rest.Config{Host: system.URL, BearerToken: n.kube.Automation})
			require.NoError(n.t, err)
			return c.Resource(secrets).Namespace("shop")
		}
	}
	require.FailNow(n.t, "the estate has no such cluster", cluster)
	return nil
}

func (n *network) tokens(cluster string) []unstructured.Unstructured {
	n.t.Helper()
	list, err := n.secrets(cluster).List(n.t.Context(), metav1.ListOptions{LabelSelector: "token-receiver"})
	require.NoError(n.t, err)
	return list.Items
}

func TestALinkIsMadeWhenTheSiteControllerAnswersAndNoRunIsUnderWay(t *testing.T) {
	t.Parallel()
	n := open(t, "testdata/a_network_is_built.txtar")
	result := n.run()
	require.Equal(t, workflows.Waiting, result.Outcome)

	requests := n.tokens("prod-1")
	require.Len(t, requests, 1)
	answer := &requests[0]
	require.Equal(t, "connection-token-request", answer.GetLabels()["skupper.io/type"])
	// What Skupper's site controller does to a request.
	require.NoError(t, unstructured.SetNestedField(answer.Object, "connection-token", "metadata", "labels", "skupper.io/type"))
	require.NoError(t, unstructured.SetNestedField(answer.Object, "10.1.2.3", "metadata", "annotations", "inter-router-host"))
	// "qt-planted-ca" in base64.
	require.NoError(t, unstructured.SetNestedField(answer.Object, "cXQtcGxhbnRlZC1jYQ==", "data", "ca.crt"))
	_, err := n.secrets("prod-1").Update(t.Context(), answer, metav1.UpdateOptions{FieldManager: "site-controller"})
	require.NoError(t, err)

	require.NoError(t, n.c.GetWorkflow(t.Context(), skuppernetwork.Name+"/mesh", "").Get(t.Context(), result))
	require.Equal(t, workflows.Success, result.Outcome)
	require.Empty(t, n.tokens("prod-1"), "the token is gone where it was made")
	brought := n.tokens("stage-1")
	require.Len(t, brought, 1)
	token := brought[0]
	require.Equal(t, "mesh-prod-1-shop", token.GetName())
	require.Equal(t, "10.1.2.3", token.GetAnnotations()["inter-router-host"], "where the other site's router is stands in an annotation")
	require.Equal(t, map[string]string{
		"app": "skupper-site-controller", "managed-by": "qontract-reconcile", "skupper.io/type": "connection-token", "token-receiver": "stage-1-shop",
	}, token.GetLabels())
	require.Equal(t, map[string]any{"ca.crt": "cXQtcGxhbnRlZC1jYQ=="}, token.Object["data"])

	require.Equal(t, workflows.Clean, n.run().Outcome)
}
