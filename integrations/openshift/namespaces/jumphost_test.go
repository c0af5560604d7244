package namespaces_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations/openshift/namespaces"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/bastion"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// journal collects what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// bastions writes an estate of three clusters with a namespace to be made in each: prod-1 and prod-2 behind the jump
// host, and edge-1 behind one that is not there.
func bastions(t *testing.T, b *bastion.Bastion) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, format string, args ...any) {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, format, args...), 0o600))
	}
	write("data/integration.yml", "$schema: /app-sre/integration-1.yml\nname: %s\ndescription: d\nschemas:\n"+
		"- /app-sre/integration-1.yml\n- /openshift/cluster-1.yml\n- /openshift/namespace-1.yml\n", namespaces.Name)
	write("data/app.yml", "$schema: /app-sre/app-1.yml\nname: shop\ndescription: d\nonboardingStatus: OnBoarded\n")
	secrets := fmt.Sprintf("[creds.bastion]\nkey = '''\n%s'''\n", b.Key)
	for name, port := range map[string]int{"prod-1": b.Port, "prod-2": b.Port, "edge-1": 1} {
		write("data/clusters/"+name+".yml", "$schema: /openshift/cluster-1.yml\nname: %[1]s\nserverUrl: https://api.%[1]s.example:6443\nauth: []\n"+
			"automationToken:\n  path: creds/%[1]s\n  field: token\njumpHost:\n  hostname: %[2]s\n  port: %[3]d\n  remotePort: %[4]d\n  user: %[5]s\n"+
			"  knownHosts: /jump/known_hosts\n  identity:\n    path: creds/bastion\n    field: key\n", name, b.Host, port, b.ProxyPort, b.User)
		write("data/namespaces/"+name+".yml", "$schema: /openshift/namespace-1.yml\nname: shop\ndescription: d\n"+
			"cluster:\n  $ref: /clusters/%s.yml\napp:\n  $ref: /app.yml\n", name)
		secrets += fmt.Sprintf("[creds.%[1]s]\nserver = \"https://api.%[1]s.example:6443\"\ntoken = \"AUTOMATION_TOKEN\"\n", name)
	}
	write("resources/jump/known_hosts", "%s[127.0.0.1]:1 %s", b.KnownHosts, strings.SplitN(b.KnownHosts, " ", 2)[1])
	write("secrets.toml", "%s", secrets)
	return folder
}

func TestFailureMode02_OneUnreachableTargetFailsAlone(t *testing.T) {
	b, kube, temporal, logged := bastion.New(t), serverstest.Kube(t), serverstest.OwnTemporal(t), &journal{}
	logger, err := logging.New(logged, "DEBUG")
	require.NoError(t, err)
	c := leaktest.New(t).Connect(t, connect.Options{
		Address: temporal.HostPort, Logger: logging.Temporal(logger), Payloads: payload.Options{Store: payload.Folder(t.TempDir())},
	})
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "openshift", Integrations: []reconcile.Definition{namespaces.Definition()}})
	require.NoError(t, err)
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(), Searchable: true,
		Kube: func(context.Context) (*servers.Kube, error) { return kube, nil },
	})
	require.NoError(t, err)
	t.Cleanup(stage.Close)
	live, err := stage.Open(t.Context(), bastions(t, b))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, live.Close()) })

	started, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: namespaces.Name, TaskQueue: namespaces.Name}, namespaces.Name,
		workflows.Input{Args: plan.Args{"use-jump-host": {"true"}}})
	require.NoError(t, err)
	err = started.Get(t.Context(), nil)
	result := workflows.ResultOf(err)
	require.NotNil(t, result, "%v", err)

	require.Len(t, result.Errors, 1)
	require.Equal(t, "edge-1", result.Errors[0].Scope)
	require.Equal(t, "Unavailable", result.Errors[0].Kind)
	require.Contains(t, result.Errors[0].Message, "jump host 127.0.0.1:1 is unreachable")
	require.Len(t, result.Changes, 2)
	for _, change := range result.Changes {
		require.Equal(t, workflows.Success, change.Outcome, change.Summary)
	}
	there := map[string]int{}
	for _, system := range live.Systems() {
		if name, found := strings.CutPrefix(system.Name, "kubernetes/"); found {
			there[name] = status(t, system.URL+"/api/v1/namespaces/shop", kube.Automation)
		}
	}
	require.Equal(t, map[string]int{"prod-1": http.StatusOK, "prod-2": http.StatusOK, "edge-1": http.StatusNotFound}, there)

	require.NotEmpty(t, b.Requests(), "the others were reached through their jump host")
	logins, err := b.Logins()
	require.NoError(t, err)
	require.Equal(t, 1, logins, "and share the connection to it")
	for line := range strings.Lines(b.Key) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			require.NotContains(t, logged.String(), line)
			require.NotContains(t, fmt.Sprint(err, result), line)
		}
	}
}

func status(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
