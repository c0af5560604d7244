package vaultapi_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// clear is what every secret of these tests holds. It must never be seen.
const clear = "hunter2"

// world is a test's part of the shared Vault: mounts of its own, and a place before it where calls are seen and fail.
type world struct {
	*testing.T
	root   *api.Client
	prefix string
	// url leads to the Vault through calls.
	url   string
	calls *fault.Injector
	clock *clock
	// lastRole is the name of the role that was made last.
	lastRole string
	// write is a context that may write.
	write context.Context
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := serverstest.Vault(t)
	config := api.DefaultConfig()
	config.Address = server.Address
	root, err := api.NewClient(config)
	require.NoError(t, err)
	root.SetToken(server.Token)
	target, err := url.Parse(server.Address)
	require.NoError(t, err)
	calls := fault.New(httputil.NewSingleHostReverseProxy(target), nil)
	proxy := httptest.NewServer(calls)
	t.Cleanup(proxy.Close)
	w := &world{
		T: t, root: root, prefix: "t" + strings.ToLower(rand.Text()), url: proxy.URL, calls: calls, clock: &clock{},
		write: readonly.Grant(t.Context()),
	}
	w.enable("approle", "approle")
	return w
}

// mount makes a mount of the key-value engine and returns its name.
func (w *world) mount(version int) string {
	w.Helper()
	name := fmt.Sprintf("%s-kv%d-%s", w.prefix, version, strings.ToLower(rand.Text()[:6]))
	require.NoError(w, w.root.Sys().MountWithContext(w.Context(), name, &api.MountInput{Type: "kv", Options: map[string]string{"version": fmt.Sprint(version)}}))
	w.Cleanup(func() { _ = w.root.Sys().Unmount(name) })
	return name
}

// enable makes an auth method. All tests share the one named approle.
func (w *world) enable(path, method string) {
	w.Helper()
	err := w.root.Sys().EnableAuthWithOptionsWithContext(w.Context(), path, &api.EnableAuthOptions{Type: method})
	if err != nil {
		require.ErrorContains(w, err, "path is already in use")
	}
}

func (w *world) set(path string, data map[string]any) {
	w.Helper()
	_, err := w.root.Logical().WriteWithContext(w.Context(), path, data)
	require.NoError(w, err)
}

// put writes a secret as the administrator.
func (w *world) put(mount, name string, data map[string]any) {
	w.Helper()
	if strings.Contains(mount, "-kv2-") {
		w.set(mount+"/data/"+name, map[string]any{"data": data})
		return
	}
	w.set(mount+"/"+name, data)
}

// versions counts the versions of a KV v2 secret.
func (w *world) versions(mount, name string) int {
	w.Helper()
	found, err := w.root.Logical().ReadWithContext(w.Context(), mount+"/metadata/"+name)
	require.NoError(w, err)
	if found == nil {
		return 0
	}
	return len(found.Data["versions"].(map[string]any))
}

// role makes an AppRole with the rules, whose tokens last as long as said.
func (w *world) role(life time.Duration, rules ...string) vaultapi.AppRole {
	w.Helper()
	name := w.prefix + strings.ToLower(rand.Text()[:6])
	w.lastRole = "auth/approle/role/" + name
	require.NoError(w, w.root.Sys().PutPolicyWithContext(w.Context(), name, strings.Join(rules, "\n")))
	w.set(w.lastRole, map[string]any{"token_policies": name, "token_ttl": life.String(), "token_max_ttl": (3 * life).String()})
	id, err := w.root.Logical().ReadWithContext(w.Context(), w.lastRole+"/role-id")
	require.NoError(w, err)
	secretID, err := w.root.Logical().WriteWithContext(w.Context(), w.lastRole+"/secret-id", nil)
	require.NoError(w, err)
	return vaultapi.AppRole{RoleID: secret.New(id.Data["role_id"].(string)), SecretID: secret.New(secretID.Data["secret_id"].(string))}
}

// all may do everything in the mounts.
func all(mounts ...string) []string {
	var rules []string
	for _, mount := range mounts {
		rules = append(rules, fmt.Sprintf(`path "%s/*" { capabilities = ["create", "read", "update", "delete", "list"] }`, mount))
	}
	return rules
}

func (w *world) client(login vaultapi.Login) *vaultapi.Client {
	w.Helper()
	c, err := vaultapi.New(vaultapi.Config{Address: w.url, Login: login, Now: w.clock.now})
	require.NoError(w, err)
	w.Cleanup(c.Close)
	return c
}

// open is a client that may do everything in the mounts.
func (w *world) open(mounts ...string) *vaultapi.Client {
	w.Helper()
	return w.client(w.role(time.Hour, all(mounts...)...))
}

// count says how many of the calls so far have the ending.
func (w *world) count(ending string) int {
	n := 0
	for _, call := range w.calls.Calls() {
		if strings.HasSuffix(call.Path, ending) {
			n++
		}
	}
	return n
}

// failNext lets the next call fail.
func (w *world) failNext(n int, status int) {
	w.calls.FailNth(len(w.calls.Calls())+n, fault.Failure{Status: status, Header: http.Header{"Retry-After": {"7"}}})
}

// clock is a clock that tests put forward.
type clock struct {
	mu      sync.Mutex
	forward time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.forward)
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forward += by
}

func ref(path, field string, version int) secret.Ref {
	r := secret.Ref{Path: path, Field: field}
	if version != 0 {
		r.Version = &version
	}
	return r
}

func text(fields ...string) vaultapi.Data {
	values := map[string]secret.Value{}
	for i := 0; i < len(fields); i += 2 {
		values[fields[i]] = secret.New(fields[i+1])
	}
	return vaultapi.Text(values)
}
