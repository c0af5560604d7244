package chart_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// cluster is a real API server with a namespace that enforces the pod security standard "restricted".
type cluster struct {
	objects dynamic.Interface
	kinds   *restmapper.DeferredDiscoveryRESTMapper

	mu       sync.Mutex
	warnings []string
}

// HandleWarningHeader keeps what the server warns of.
func (c *cluster) HandleWarningHeader(_ int, _ string, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warnings = append(c.warnings, text)
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	// One of its own: other tests need not see kinds come and go.
	server := serverstest.OwnKube(t, servers.KubeOptions{})
	c := &cluster{}
	config := &rest.Config{
		Host: server.URL, BearerToken: server.Token, QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: server.CA}, WarningHandler: c,
	}
	var err error
	c.objects, err = dynamic.NewForConfig(config)
	require.NoError(t, err)
	found, err := discovery.NewDiscoveryClientForConfig(config)
	require.NoError(t, err)

	text, err := os.ReadFile(filepath.Join("testdata", "definitions.yaml"))
	require.NoError(t, err)
	definitions := c.objects.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		definition := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(document), &definition.Object))
		_, err := definitions.Create(t.Context(), definition, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	c.kinds = restmapper.NewDeferredDiscoveryRESTMapper(uncached{found})
	for _, kind := range []schema.GroupKind{
		{Group: "keda.sh", Kind: "ScaledObject"}, {Group: "keda.sh", Kind: "TriggerAuthentication"}, {Group: "monitoring.coreos.com", Kind: "ServiceMonitor"},
	} {
		require.Eventually(t, func() bool {
			_, err := c.kinds.RESTMapping(kind)
			return err == nil
		}, 30*time.Second, 100*time.Millisecond, kind)
	}
	_, err = c.objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace, "labels": map[string]any{
			"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted",
		}},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)
	return c
}

// uncached is discovery that remembers nothing, so that a kind that is missing is looked for again.
type uncached struct{ discovery.DiscoveryInterface }

func (uncached) Fresh() bool { return false }
func (uncached) Invalidate() {}

// try has the server take an object, all but storing it.
func (c *cluster) try(t *testing.T, object *unstructured.Unstructured) error {
	t.Helper()
	kind := object.GroupVersionKind()
	mapping, err := c.kinds.RESTMapping(kind.GroupKind(), kind.Version)
	require.NoError(t, err)
	_, err = c.objects.Resource(mapping.Resource).Namespace(namespace).Create(t.Context(), object, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict,
	})
	return err
}

// pod is what a Deployment's controller would make.
func pod(t *testing.T, of *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	template := deployment(t, of).Spec.Template
	made, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: of.GetName(), Labels: template.Labels, Annotations: template.Annotations}, Spec: template.Spec,
	})
	require.NoError(t, err)
	return &unstructured.Unstructured{Object: made}
}

func TestAClusterTakesWhatTheChartRenders(t *testing.T) {
	c := newCluster(t)
	seen := map[string]bool{}
	for name, values := range examples(t) {
		t.Run(name, func(t *testing.T) {
			for _, object := range render(t, values...) {
				seen[object.GetKind()] = true
				require.NoError(t, c.try(t, object), "%s %s", object.GetKind(), object.GetName())
				if object.GetKind() == "Deployment" {
					require.NoError(t, c.try(t, pod(t, object)), "pod of %s", object.GetName())
				}
			}
		})
	}
	require.Empty(t, c.warnings)
	for _, kind := range []string{
		"Deployment", "ServiceAccount", "Service", "PodDisruptionBudget", "NetworkPolicy", "ScaledObject", "TriggerAuthentication", "ServiceMonitor",
	} {
		require.Contains(t, seen, kind, "no example has one")
	}

	t.Run("and refuses what is not restricted", func(t *testing.T) {
		for _, object := range render(t) {
			if object.GetKind() == "Deployment" {
				privileged := pod(t, object)
				unstructured.RemoveNestedField(privileged.Object, "spec", "securityContext", "seccompProfile")
				require.ErrorContains(t, c.try(t, privileged), "violates PodSecurity")
			}
		}
	})
	t.Run("and refuses fields that there are not", func(t *testing.T) {
		for _, object := range render(t, examples(t)["production"]...) {
			if object.GetKind() == "ScaledObject" {
				require.NoError(t, unstructured.SetNestedField(object.Object, "x", "spec", "target"))
				require.ErrorContains(t, c.try(t, object), "unknown field")
			}
		}
	})
}
