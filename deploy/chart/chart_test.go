// Package chart tests the Helm chart: with Helm's own linter and templates, and against a real API server.
package chart_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/tools"
)

const chart = "qontract-temporal"

// namespace is where what is rendered belongs.
const namespace = "reconcile"

// helm runs Helm and returns what it prints.
func helm(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	binary, err := servers.Find("helm")
	require.NoError(t, err)
	kubernetes, ok := tools.Version("kube-apiserver")
	require.True(t, ok)
	cmd := exec.Command(binary, append(args, "--kube-version", kubernetes)...)
	home := t.TempDir()
	cmd.Env = append(cmd.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home, "KUBECONFIG="+filepath.Join(home, "none"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), &helmError{err, out.String() + errs.String()}
	}
	return out.String(), nil
}

type helmError struct {
	err  error
	said string
}

func (e *helmError) Error() string { return e.err.Error() + ": " + e.said }

// examples are the chart's files of values, by name, with the arguments that name them. "default" has none.
func examples(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chart, "examples", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string][]string{"default": nil}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".yaml")] = []string{"--values", file}
	}
	return all
}

// render returns the chart's objects.
func render(t *testing.T, args ...string) []*unstructured.Unstructured {
	t.Helper()
	out, err := helm(t, append([]string{"template", "qontract-temporal", chart, "--namespace", namespace}, args...)...)
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for document := range strings.SplitSeq(out, "\n---\n") {
		object := map[string]any{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(document), &object))
		if len(object) > 0 {
			objects = append(objects, &unstructured.Unstructured{Object: object})
		}
	}
	return objects
}

// workers returns the Deployments of workers by name.
func workers(t *testing.T, objects []*unstructured.Unstructured) map[string]appsv1.Deployment {
	t.Helper()
	found := map[string]appsv1.Deployment{}
	for _, object := range objects {
		if object.GetKind() == "Deployment" && object.GetLabels()["app.kubernetes.io/component"] == "worker" {
			found[object.GetName()] = deployment(t, object)
		}
	}
	return found
}

func deployment(t *testing.T, object *unstructured.Unstructured) appsv1.Deployment {
	t.Helper()
	d := appsv1.Deployment{}
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &d, true))
	return d
}

func TestTheChartIsLintedWithoutWarnings(t *testing.T) {
	for name, values := range examples(t) {
		t.Run(name, func(t *testing.T) {
			out, err := helm(t, append([]string{"lint", "--strict", chart}, values...)...)
			require.NoError(t, err)
			require.NotContains(t, out, "[WARNING]")
		})
	}
}

func TestEachBuildHasDeploymentsOfItsOwn(t *testing.T) {
	of := func(example string) map[string]appsv1.Deployment {
		return workers(t, render(t, examples(t)[example]...))
	}
	one := int32(1)

	found := of("default")
	require.Len(t, found, 1)
	container := found["qontract-temporal-all-0-1-0"].Spec.Template.Spec.Containers[0]
	require.Equal(t, "quay.io/app-sre/qontract-temporal:0-1-0", container.Image)
	require.Subset(t, container.Args, []string{"--integrations=*", "--build-id=0-1-0", "--deployment=qontract-temporal"})

	found = of("rolling-update")
	require.Len(t, found, 2)
	incoming, outgoing := found["qontract-temporal-all-3f1c9a2b7d40"], found["qontract-temporal-all-0d4be1f23a65"]
	require.Contains(t, incoming.Spec.Template.Spec.Containers[0].Image, "qontract-temporal@sha256:2c26")
	require.Equal(t, &one, outgoing.Spec.Replicas)
	require.NotEqual(t, incoming.Spec.Selector, outgoing.Spec.Selector, "no Deployment takes the pods of the other build")

	found = of("production")
	require.Len(t, found, 2)
	require.Nil(t, found["qontract-temporal-openshift-0-1-0"].Spec.Replicas, "KEDA scales it")
	require.NotNil(t, found["qontract-temporal-rest-0-1-0"].Spec.Replicas)

	found = of("shard-image")
	require.Contains(t, found["qontract-temporal-prod-1-9e107d9d372b"].Spec.Template.Spec.Containers[0].Args, "--queue-suffix=-prod-1")
}

func TestAVersionThatDrainsIsNotScaled(t *testing.T) {
	objects := render(t, append(examples(t)["production"], "--set-json", `versions=[{"buildId":"new"},{"buildId":"old","replicas":0}]`)...)
	var scaled []string
	for _, object := range objects {
		if object.GetKind() == "ScaledObject" {
			scaled = append(scaled, object.GetName())
			triggers, _, err := unstructured.NestedSlice(object.Object, "spec", "triggers")
			require.NoError(t, err)
			require.Len(t, triggers, 2)
			trigger, _, err := unstructured.NestedStringMap(triggers[0].(map[string]any), "metadata")
			require.NoError(t, err)
			require.Subset(t, trigger, map[string]string{"taskQueue": "act-kubernetes", "queueTypes": "activity", "buildId": "qontract-temporal:new"})
		}
	}
	require.Equal(t, []string{"qontract-temporal-openshift-new"}, scaled)
	none := int32(0)
	require.Equal(t, &none, workers(t, objects)["qontract-temporal-openshift-old"].Spec.Replicas)
}

func TestTheConnectionToTemporalIsConfigured(t *testing.T) {
	env := func(example string) map[string]string {
		found := map[string]string{}
		for _, d := range workers(t, render(t, examples(t)[example]...)) {
			for _, v := range d.Spec.Template.Spec.Containers[0].Env {
				found[v.Name] = v.Value
				if v.ValueFrom != nil {
					found[v.Name] = v.ValueFrom.SecretKeyRef.Name + "/" + v.ValueFrom.SecretKeyRef.Key
				}
			}
		}
		return found
	}
	require.Subset(t, env("temporal-cloud-api-key"), map[string]string{
		"TEMPORAL_ADDRESS": "eu-west-1.aws.api.temporal.io:7233", "TEMPORAL_NAMESPACE": "app-sre.a1b2c",
		"TEMPORAL_API_KEY": "temporal-cloud/api-key", "TEMPORAL_TLS": "true",
	})
	require.Subset(t, env("temporal-cloud-mtls"), map[string]string{
		"TEMPORAL_TLS": "true", "TEMPORAL_TLS_CLIENT_CERT_PATH": "/etc/qontract-temporal/tls/tls.crt", "TEMPORAL_TLS_CLIENT_KEY_PATH": "/etc/qontract-temporal/tls/tls.key",
	})
	require.NotContains(t, env("default"), "TEMPORAL_TLS")
}

func TestWrongValuesAreRefused(t *testing.T) {
	for _, tc := range []struct{ name, set, err string }{
		{"a misspelt value", `networkPolicies={}`, "networkPolicies"},
		{"a build that no Deployment can be named after", `versions=[{"buildId":"V1.2"}]`, "buildId"},
		{"no build", `versions=[]`, "versions"},
		{"an address without a port", `temporal.address="temporal.example.com"`, "address"},
		{"a store that others cannot reach", `payloads.store="/tmp/payloads"`, "store"},
		{"scaling without queues", `groups=[{"name":"all","integrations":"*","autoscaling":{"enabled":true,"minReplicas":1,"maxReplicas":2,"queues":[],"targetQueueSize":5}}]`, "queues"},
		{"a codec server without a token", `codecServer.enabled=true`, "codecServer.existingSecret is needed"},
		{"a value of a secret", `config.content="token"`, "content"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := helm(t, "template", chart, chart, "--set-json", tc.set)
			require.ErrorContains(t, err, tc.err)
		})
	}
}

func TestTheREADMEListsValuesAndExamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(chart, "README.md"))
	require.NoError(t, err)
	values := map[string]any{}
	require.NoError(t, yaml.Unmarshal(text, &values))
	for name := range values {
		require.Contains(t, string(readme), "| `"+name+"` |")
	}
	files, err := filepath.Glob(filepath.Join(chart, "examples", "*.yaml"))
	require.NoError(t, err)
	for _, file := range files {
		require.Contains(t, string(readme), "(examples/"+filepath.Base(file)+")")
	}
}
