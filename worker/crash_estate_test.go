package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const (
	namespaceCount = 10
	quotaCount     = 20
	// changeCount is the number of objects that a run makes.
	changeCount = namespaceCount * quotaCount
)

// estate is a cluster of ten namespaces with twenty quotas each, all still to be made, and the configuration of a worker
// that makes them. All calls of the worker pass the tripwire.
type estate struct {
	prefix string
	kube   kubernetes.Interface
	config string
	watch  *leaktest.Watch
}

func newEstate(t *testing.T, backend *servers.Kube, prefix string, w *tripwire, pace time.Duration) *estate {
	t.Helper()
	e := &estate{prefix: prefix, watch: leaktest.New(t)}
	var err error
	e.kube, err = kubernetes.NewForConfig(&rest.Config{
		Host: backend.URL, BearerToken: backend.Token, QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: backend.CA},
	})
	require.NoError(t, err)
	for i := range namespaceCount {
		_, err := e.kube.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: e.namespace(i)}}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	api, err := url.Parse(backend.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(api)
	proxy.Transport, err = backend.Transport()
	require.NoError(t, err)
	// It complains about each caller that is gone.
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	cluster := httptest.NewServer(w.watch(proxy, pace, methodAndPath))
	t.Cleanup(cluster.Close)

	app, err := server.New(server.Options{})
	require.NoError(t, err)
	bundle, err := server.ReadFolder(e.datafiles(cluster.URL), server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(w.watch(app.Handler(), 0, methodAndPath))
	t.Cleanup(serving.Close)

	e.config = filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(e.config, fmt.Appendf(nil, "[graphql]\nserver = %q\ntoken = %q\n[creds]\nserver = %q\nusername = \"automation\"\ntoken = %q\n",
		serving.URL+"/graphql", leak.Plant("app-interface"), cluster.URL, backend.Automation), 0o600))
	return e
}

// workplace is where workers of the estate work.
func (e *estate) workplace(temporal string) workplace {
	return workplace{temporal: temporal, config: e.config, integration: resourcequotas.Name, watch: e.watch}
}

// flags are those of a worker of the estate.
func (e *estate) flags() []string {
	return []string{"--config", e.config, "--integrations", resourcequotas.Name, "--listen", "127.0.0.1:0", "--log-level", "WARNING"}
}

func (e *estate) namespace(i int) string { return fmt.Sprintf("%s-%d", e.prefix, i) }

// pods is what a quota allows, another number for each.
func pods(namespace, quota int) int { return namespace*quotaCount + quota + 1 }

func (e *estate) datafiles(clusterURL string) fstest.MapFS {
	files := fstest.MapFS{}
	add := func(name, format string, args ...any) {
		files["data/"+name] = &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
	}
	add("integration.yml", "$schema: /app-sre/integration-1.yml\nname: %s\ndescription: d\nschemas:\n"+
		"- /app-sre/integration-1.yml\n- /openshift/cluster-1.yml\n- /openshift/namespace-1.yml\n- /openshift/quota-1.yml\n", resourcequotas.Name)
	add("cluster.yml", "$schema: /openshift/cluster-1.yml\nname: %s\nserverUrl: %s\nauth: []\nautomationToken:\n  path: creds\n  field: token\n", e.prefix, clusterURL)
	add("app.yml", "$schema: /app-sre/app-1.yml\nname: shop\ndescription: d\nonboardingStatus: OnBoarded\n")
	for i := range namespaceCount {
		add(fmt.Sprintf("namespaces/%d.yml", i), "$schema: /openshift/namespace-1.yml\nname: %s\ndescription: d\n"+
			"cluster:\n  $ref: /cluster.yml\napp:\n  $ref: /app.yml\nquota:\n  $ref: /quotas/%d.yml\n", e.namespace(i), i)
		var quotas strings.Builder
		for j := range quotaCount {
			fmt.Fprintf(&quotas, "- name: q%d\n  resources:\n    pods: %d\n", j, pods(i, j))
		}
		add(fmt.Sprintf("quotas/%d.yml", i), "$schema: /openshift/quota-1.yml\nname: quotas-%d\ndescription: d\nquotas:\n%s", i, quotas.String())
	}
	return files
}

// requireComplete requires that all quotas are there as the datafiles say.
func (e *estate) requireComplete(t *testing.T) {
	t.Helper()
	for i := range namespaceCount {
		list, err := e.kube.CoreV1().ResourceQuotas(e.namespace(i)).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		require.Len(t, list.Items, quotaCount)
		for _, quota := range list.Items {
			j, err := strconv.Atoi(strings.TrimPrefix(quota.Name, "q"))
			require.NoError(t, err)
			allowed := quota.Spec.Hard[corev1.ResourcePods]
			require.Equal(t, int64(pods(i, j)), allowed.Value(), quota.Namespace+"/"+quota.Name)
			require.Equal(t, resourcequotas.Name, quota.Annotations["qontract.integration"])
		}
	}
}

// writes are what the API server has recorded about the writes to one object that succeeded.
type writes struct{ created, changed, deleted int }

// recorded reads the API server's audit log: the writes to the estate's quotas by <namespace>/<name>. The server's own
// bookkeeping, which is their status, is left out.
func (e *estate) recorded(t *testing.T, auditLog string) map[string]writes {
	t.Helper()
	file, err := os.Open(auditLog)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	found := map[string]writes{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Verb      string `json:"verb"`
			ObjectRef struct {
				Resource    string `json:"resource"`
				Subresource string `json:"subresource"`
				Namespace   string `json:"namespace"`
				Name        string `json:"name"`
			} `json:"objectRef"`
			ResponseStatus struct {
				Code int `json:"code"`
			} `json:"responseStatus"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &event))
		object := event.ObjectRef
		if object.Resource != "resourcequotas" || object.Subresource != "" || !strings.HasPrefix(object.Namespace, e.prefix+"-") || event.ResponseStatus.Code >= 300 {
			continue
		}
		key := object.Namespace + "/" + object.Name
		seen := found[key]
		switch event.Verb {
		case "create", "patch", "update":
			// Applying is a patch, whose answer says whether it created the object.
			if event.ResponseStatus.Code == 201 {
				seen.created++
			} else {
				seen.changed++
			}
		case "delete", "deletecollection":
			seen.deleted++
		default:
			continue
		}
		found[key] = seen
	}
	require.NoError(t, lines.Err())
	return found
}
