package kubeapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: prod
  cluster: {server: "https://api.prod.example:6443", certificate-authority-data: Y2E=}
contexts:
- name: admin
  context: {cluster: prod, user: admin}
users:
- name: admin
  user: {token: hunter2}
`

func TestParseKubeconfig(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		says           string
	}{
		{"with a token", "", "", ""},
		{"with a certificate", "token: hunter2", "client-certificate-data: Y2VydA==, client-key-data: a2V5", ""},
		{"with a program", "token: hunter2", "exec: {apiVersion: client.authentication.k8s.io/v1, command: rm}", "names a program or a file"},
		{"with an old program", "token: hunter2", "auth-provider: {name: gcp}", "names a program or a file"},
		{"with a file for the token", "token: hunter2", "tokenFile: /etc/passwd", "names a program or a file"},
		{"with a file for the key", "token: hunter2", "client-certificate-data: Y2VydA==, client-key: /etc/passwd", "names a program or a file"},
		{"with a file for the authority", "certificate-authority-data: Y2E=", "certificate-authority: /etc/passwd", "names a program or a file"},
		{"without a login", "token: hunter2", "username: admin", "has neither a token nor a certificate"},
		{"without a context", "current-context: admin", "current-context: other", "has no current context"},
		{"without a server", `server: "https://api.prod.example:6443", `, "", "without a server"},
		{"that is none", "apiVersion: v1", "hunter2: [", "cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config, err := parseKubeconfig("prod-1", secret.New(strings.Replace(kubeconfig, tc.old, tc.new, 1)))
			if tc.says != "" {
				require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
				require.ErrorContains(t, err, "[prod-1] the kubeconfig ")
				require.ErrorContains(t, err, tc.says)
				require.NotContains(t, err.Error(), "hunter2")
				return
			}
			require.NoError(t, err)
			require.Equal(t, "https://api.prod.example:6443", config.Server)
			require.Equal(t, "ca", string(config.Authority))
			if config.Token.Reveal() == "" {
				require.Equal(t, "cert", string(config.Certificate))
				require.Equal(t, "key", config.Key.Reveal())
			}
		})
	}
}

func TestFromKubeconfigKeepsItsClients(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer hunter2" {
			asked.Add(1)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	config := strings.NewReplacer("https://api.prod.example:6443", server.URL, ", certificate-authority-data: Y2E=", "").Replace(kubeconfig)
	pool := NewPool(nil)
	defer pool.Close()
	first, err := pool.FromKubeconfig(t.Context(), "prod-1", secret.New(config))
	require.NoError(t, err)
	again, err := pool.FromKubeconfig(t.Context(), "prod-1", secret.New(config))
	require.NoError(t, err)
	require.Same(t, first, again)
	require.True(t, first.Privileged())
	require.Equal(t, int32(1), asked.Load())
	first.refused.Store(true)
	again, err = pool.FromKubeconfig(t.Context(), "prod-1", secret.New(config))
	require.NoError(t, err)
	require.NotSame(t, first, again)
}

func TestReady(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status []int
		ready  bool
		asked  int32
	}{
		{"one that is ready", []int{200}, true, 1},
		{"one whose first answer got lost", []int{503, 200}, true, 2},
		{"one that is being installed", []int{503, 503, 503, 200}, false, 3},
		{"something else", []int{404, 404, 404}, false, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked atomic.Int32
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/readyz" || r.Header.Get("Authorization") != "" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				w.WriteHeader(tc.status[asked.Add(1)-1])
			}))
			defer server.Close()
			ready, err := Ready(t.Context(), server.URL, true)
			require.NoError(t, err)
			require.Equal(t, tc.ready, ready)
			require.Equal(t, tc.asked, asked.Load())
			ready, err = Ready(t.Context(), server.URL, false)
			require.NoError(t, err)
			require.False(t, ready, "its certificate is not trusted")
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	ready, err := Ready(t.Context(), gone.URL, false)
	require.NoError(t, err)
	require.False(t, ready)
}
