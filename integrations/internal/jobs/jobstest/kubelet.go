// Package jobstest has for tests of integrations with Jobs a cluster, and plays the kubelet in it: the tests' servers run
// no pods.
package jobstest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// Namespace is the one of the cluster.
const Namespace = "team-a"

// Kubelet is a cluster of a test with one namespace.
type Kubelet struct {
	*cluster.Cluster
	Client *kubeapi.Client

	t *testing.T
}

// New starts a virtual cluster.
func New(t *testing.T) *Kubelet {
	t.Helper()
	server := serverstest.Kube(t)
	virtual, err := cluster.New(server, cluster.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = virtual.Close() })
	client, err := kubeapi.New(t.Context(), kubeapi.Config{Cluster: "prod-1", Server: virtual.URL(), Token: secret.New(server.Automation)})
	require.NoError(t, err)
	k := &Kubelet{Cluster: virtual, Client: client, t: t}
	k.Write(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": Namespace}})
	return k
}

// Write puts objects into the cluster that are not the integration's.
func (k *Kubelet) Write(objects ...map[string]any) {
	k.t.Helper()
	for _, object := range objects {
		text, err := json.Marshal(object)
		require.NoError(k.t, err)
		require.NoError(k.t, k.Load(k.t.Context(), text))
	}
}

// Secret puts a Secret into the namespace.
func (k *Kubelet) Secret(name string, values map[string]string) {
	k.t.Helper()
	k.Write(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name, "namespace": Namespace}, "stringData": values,
	})
}

// Names are those of the namespace's objects of the kinds, as <kind>/<name>.
func (k *Kubelet) Names(kinds ...string) []string {
	k.t.Helper()
	found, err := k.Objects(k.t.Context(), cluster.Selection{Kinds: kinds, Namespaces: []string{Namespace}})
	require.NoError(k.t, err)
	names := []string{}
	for _, object := range found {
		names = append(names, object.GetKind()+"/"+object.GetName())
	}
	return names
}

// Get reads an object of the namespace; nil where it is not there.
func (k *Kubelet) Get(kind, name string) map[string]any {
	k.t.Helper()
	live, err := k.Client.Get(k.t.Context(), kind, Namespace, name)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	require.NoError(k.t, err)
	return live
}

// Run runs the container of a Job on this machine, with its environment and the files that it mounts, notes in the Job how
// it ended, and returns what it printed. Programs of the image are looked for on PATH. Paths below its mounts and below
// /tmp are paths of a folder of the test.
func (k *Kubelet) Run(job string) (output string, succeeded bool) {
	k.t.Helper()
	template := k.Get(jobs.JobKind, job)["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	container := template["containers"].([]any)[0].(map[string]any)
	folder := k.t.TempDir()
	require.NoError(k.t, os.Mkdir(filepath.Join(folder, "tmp"), 0o700))
	mount := strings.TrimSuffix(container["volumeMounts"].([]any)[0].(map[string]any)["mountPath"].(string), "/")
	require.NoError(k.t, os.MkdirAll(filepath.Join(folder, mount), 0o700))
	for _, source := range template["volumes"].([]any)[0].(map[string]any)["projected"].(map[string]any)["sources"].([]any) {
		k.mount(filepath.Join(folder, mount), source.(map[string]any))
	}
	expand := k.environment(container)
	place := strings.NewReplacer(mount, filepath.Join(folder, mount), "/tmp/", filepath.Join(folder, "tmp")+"/")
	var words []string
	for _, word := range append(container["command"].([]any), container["args"].([]any)...) {
		words = append(words, place.Replace(expand(word.(string))))
	}
	cmd := exec.CommandContext(k.t.Context(), filepath.Base(words[0]), words[1:]...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+expand("$(PGPASSWORD)"), "HOSTNAME="+job+"-pod")
	text, err := cmd.CombinedOutput()
	k.Ended(job, err == nil)
	return string(text), err == nil
}

// mount writes the files of a Secret or a ConfigMap.
func (k *Kubelet) mount(folder string, source map[string]any) {
	k.t.Helper()
	kind, decode := "Secret", base64.StdEncoding.DecodeString
	reference, ok := source["secret"].(map[string]any)
	if !ok {
		kind, decode = "ConfigMap", func(text string) ([]byte, error) { return []byte(text), nil }
		reference = source["configMap"].(map[string]any)
	}
	object := k.Get(kind, reference["name"].(string))
	require.NotNil(k.t, object, "the kubelet waits for %s %s", kind, reference["name"])
	data, _ := object["data"].(map[string]any)
	for name, value := range data {
		text, err := decode(value.(string))
		require.NoError(k.t, err)
		require.NoError(k.t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
}

// environment returns what replaces $(NAME) by the container's variables.
func (k *Kubelet) environment(container map[string]any) func(string) string {
	k.t.Helper()
	var pairs []string
	for _, entry := range container["env"].([]any) {
		variable := entry.(map[string]any)
		value, _ := variable["value"].(string)
		if from, ok := variable["valueFrom"].(map[string]any); ok {
			reference := from["secretKeyRef"].(map[string]any)
			data := k.Get("Secret", reference["name"].(string))["data"].(map[string]any)
			text, err := base64.StdEncoding.DecodeString(data[reference["key"].(string)].(string))
			require.NoError(k.t, err)
			value = string(text)
		}
		pairs = append(pairs, "$("+variable["name"].(string)+")", value)
	}
	return strings.NewReplacer(pairs...).Replace
}

// Ended notes in a Job how it ended, as the cluster's controller does.
func (k *Kubelet) Ended(job string, well bool) {
	k.t.Helper()
	const at = `"2026-03-01T12:00:00Z"`
	condition := func(kind, reason string) string {
		return fmt.Sprintf(`{"type": %q, "status": "True", "reason": %q, "message": "it says so", "lastProbeTime": %s, "lastTransitionTime": %s}`, kind, reason, at, at)
	}
	status := fmt.Sprintf(`{"startTime": %s, "completionTime": %s, "succeeded": 1, "conditions": [%s, %s]}`, at, at,
		condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached"))
	if !well {
		status = fmt.Sprintf(`{"startTime": %s, "failed": 2, "conditions": [%s, %s]}`, at,
			condition("FailureTarget", "BackoffLimitExceeded"), condition("Failed", "BackoffLimitExceeded"))
	}
	require.NoError(k.t, k.LoadAs(k.t.Context(), cluster.Manager{Name: "job-controller"}, fmt.Appendf(nil,
		`{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": %q, "namespace": %q}, "status": %s}`, job, Namespace, status)))
}
