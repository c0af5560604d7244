package servers_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const startTimeout = 2 * time.Minute

// installed skips the test where a binary is missing.
func installed(t *testing.T, names ...string) context.Context {
	t.Helper()
	for _, name := range names {
		if _, err := servers.Find(name); err != nil {
			t.Skip(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	t.Cleanup(cancel)
	return ctx
}

func get(t *testing.T, k *servers.Kube, token, path string) (status int, body map[string]any) {
	t.Helper()
	transport, err := k.Transport()
	require.NoError(t, err)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.URL+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
	return resp.StatusCode, body
}

func TestKubeServesItsUsers(t *testing.T) {
	ctx := installed(t, "etcd", "kube-apiserver", "kube-controller-manager")
	audit := filepath.Join(t.TempDir(), "audit.log")
	began := time.Now()
	k, err := servers.StartKube(ctx, servers.KubeOptions{AuditLog: audit})
	require.NoError(t, err)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			require.NoError(t, k.Stop())
		}
	})

	for _, tc := range []struct {
		name, token string
		status      int
	}{
		{"the administrator may read everything", k.Token, http.StatusOK},
		{"the automation user may read everything", k.Automation, http.StatusOK},
		{"the limited user may not", k.Limited, http.StatusForbidden},
		{"an unknown token is refused", "nobody", http.StatusUnauthorized},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := get(t, k, tc.token, "/api/v1/secrets")
			require.Equal(t, tc.status, status, "%v", body)
		})
	}
	_, body := get(t, k, k.Automation, "/apis/rbac.authorization.k8s.io/v1/clusterroles/view")
	require.NotEmpty(t, body["rules"], "an aggregated role has rules")

	recorded, err := os.ReadFile(audit)
	require.NoError(t, err)
	require.Contains(t, string(recorded), `"username":"limited"`)

	require.NoError(t, k.Stop())
	stopped = true
	transport, err := k.Transport()
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.URL, nil)
	require.NoError(t, err)
	_, err = transport.RoundTrip(req)
	require.ErrorContains(t, err, "connection refused", "a stopped server listens no more")
}

func TestTemporalKeepsItsStateInADatabase(t *testing.T) {
	ctx := installed(t, "temporal")
	options := servers.TemporalOptions{Database: filepath.Join(t.TempDir(), "temporal.db")}
	began := time.Now()
	first, err := servers.StartTemporal(ctx, options)
	require.NoError(t, err)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	c := dial(t, first)
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody",
		TypedSearchAttributes: scope("team-a")}, "unknown")
	require.NoError(t, err)
	c.Close()
	require.NoError(t, first.Stop())

	second, err := servers.StartTemporal(ctx, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, second.Stop()) })
	c = dial(t, second)
	t.Cleanup(c.Close)
	require.Eventually(t, func() bool {
		found, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: `Scope = "team-a"`})
		return err == nil && len(found.GetExecutions()) == 1 && found.GetExecutions()[0].GetExecution().GetWorkflowId() == "kept"
	}, 20*time.Second, 100*time.Millisecond)
}

func TestTemporalServesItsInterface(t *testing.T) {
	ctx := installed(t, "temporal")
	server, err := servers.StartTemporal(ctx, servers.TemporalOptions{UI: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	require.Eventually(t, func() bool {
		resp, err := http.Get(server.UIURL)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 20*time.Second, 50*time.Millisecond)
}

func TestAStartThatCannotSucceedShowsTheLog(t *testing.T) {
	ctx := installed(t, "temporal")
	folder := t.TempDir()
	_, err := servers.StartTemporal(ctx, servers.TemporalOptions{Database: folder})
	require.ErrorContains(t, err, "temporal ended while starting")
	require.ErrorContains(t, err, "the log of temporal ends:")
	require.Contains(t, strings.ToLower(err.Error()), "database")
}

func TestRunningServersComeFromTheEnvironment(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, []byte("certificate"), 0o600))
	for _, key := range []string{servers.EnvTemporal, servers.EnvKube, servers.EnvKubeCA, servers.EnvKubeToken, servers.EnvKubeAutomation, servers.EnvKubeLimited} {
		t.Setenv(key, "")
	}
	_, ok := servers.RunningTemporal()
	require.False(t, ok)
	_, ok, err := servers.RunningKube()
	require.NoError(t, err)
	require.False(t, ok)

	t.Setenv(servers.EnvTemporal, "127.0.0.1:7233")
	server, ok := servers.RunningTemporal()
	require.True(t, ok)
	require.Equal(t, []string{"QT_TEMPORAL_ADDRESS=127.0.0.1:7233"}, server.Env())
	require.NoError(t, server.Stop(), "a server that somebody else runs is left alone")

	t.Setenv(servers.EnvKube, "https://127.0.0.1:6443")
	_, _, err = servers.RunningKube()
	require.ErrorContains(t, err, "QT_KUBE_TOKEN is not")
	t.Setenv(servers.EnvKubeToken, "admin")
	t.Setenv(servers.EnvKubeCA, ca)
	k, ok, err := servers.RunningKube()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "admin", k.Automation)
	require.Equal(t, "certificate", string(k.CA))
	require.Contains(t, k.Env(), "QT_KUBE_CA_FILE="+ca)
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		name string
		put  string // the folder, below the test's, that holds the binary
	}{
		{"the installer's folder is found", "tools/etcd-3.7.0"},
		{"the folder of KUBEBUILDER_ASSETS is found", "assets"},
		{"a program on PATH is found", "path"},
		{"a missing program is named with the remedy", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv("QT_TOOLS", filepath.Join(folder, "tools"))
			t.Setenv("KUBEBUILDER_ASSETS", filepath.Join(folder, "assets"))
			t.Setenv("PATH", filepath.Join(folder, "path"))
			if tc.put == "" {
				_, err := servers.Find("etcd")
				require.ErrorIs(t, err, servers.ErrNotInstalled)
				require.ErrorContains(t, err, "etcd 3.7.0 is not installed: run internal/tools/install.sh etcd")
				return
			}
			binary := filepath.Join(folder, tc.put, "etcd")
			require.NoError(t, os.MkdirAll(filepath.Dir(binary), 0o755))
			require.NoError(t, os.WriteFile(binary, nil, 0o755))
			found, err := servers.Find("etcd")
			require.NoError(t, err)
			require.Equal(t, binary, found)
		})
	}
	_, err := servers.Find("vi")
	require.ErrorContains(t, err, "versions.txt")
}
