package kubeapi_test

import (
	"crypto/rand"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/bastion"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// behind is a cluster on the real API server that a jump host leads to.
type behind struct {
	*bastion.Bastion
	kube    *servers.Kube
	reader  *vault
	cluster appinterface.Cluster
	through *kubeapi.JumpHost
}

func newBehind(t *testing.T) *behind {
	t.Helper()
	b := &behind{Bastion: bastion.New(t), kube: serverstest.Kube(t)}
	b.reader = &vault{fields: map[string]map[string]string{
		"creds/east": {"server": b.kube.URL, "token": b.kube.Token}, "creds/bastion": {"key": b.Key},
	}}
	b.cluster = appinterface.Cluster{
		Name: "east", ServerURL: b.kube.URL, InsecureSkipTLSVerify: true, AutomationToken: &secret.Ref{Path: "creds/east", Field: "token"},
	}
	b.through = &kubeapi.JumpHost{JumpHost: appinterface.JumpHost{
		Hostname: b.Host, Port: &b.Port, RemotePort: &b.ProxyPort, User: b.User,
		Identity: secret.Ref{Path: "creds/bastion", Field: "key"}, KnownHosts: "/jump/known_hosts",
	}, KnownKeys: b.KnownHosts}
	return b
}

func (b *behind) pool(t *testing.T) *kubeapi.Pool {
	t.Helper()
	pool := kubeapi.NewPool(b.reader)
	t.Cleanup(pool.Close)
	return pool
}

func (b *behind) requireNoKeyIn(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(b.Key) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			require.NotContains(t, text, line)
		}
	}
}

func TestAClusterBehindAJumpHostIsReadAndWritten(t *testing.T) {
	b, server := newBehind(t), onServer(t)
	pool := b.pool(t)
	client, err := pool.Client(t.Context(), b.cluster, false, b.through)
	require.NoError(t, err)
	name := "t-" + strings.ToLower(rand.Text()[:10])
	require.NoError(t, client.CreateNamespace(readonly.Grant(t.Context()), name))
	t.Cleanup(func() { _ = server.DeleteNamespace(server.cleanup(), name) })
	names, err := client.Namespaces(t.Context())
	require.NoError(t, err)
	require.True(t, names[name])

	api, err := url.Parse(b.kube.URL)
	require.NoError(t, err)
	require.Contains(t, b.Requests(), "CONNECT "+api.Host, "it went through the proxy")
	again, err := pool.Client(t.Context(), b.cluster, false, b.through)
	require.NoError(t, err)
	require.Same(t, client, again)
	direct, err := pool.Client(t.Context(), b.cluster, false, nil)
	require.NoError(t, err)
	require.NotSame(t, client, direct)
}

func TestClustersBehindOneJumpHostShareTheConnectionToIt(t *testing.T) {
	b := newBehind(t)
	pool := b.pool(t)
	var group sync.WaitGroup
	for _, name := range []string{"east", "west", "north", "south"} {
		group.Go(func() {
			cluster := b.cluster
			cluster.Name = name
			client, err := pool.Client(t.Context(), cluster, false, b.through)
			if err == nil {
				_, err = client.Namespaces(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	logins, err := b.Logins()
	require.NoError(t, err)
	require.Equal(t, 1, logins)
	require.GreaterOrEqual(t, len(b.Requests()), 4)
}

func TestAClientGoesOnWhenItsJumpHostComesBack(t *testing.T) {
	b := newBehind(t)
	client, err := b.pool(t).Client(t.Context(), b.cluster, false, b.through)
	require.NoError(t, err)
	b.Break()
	_, err = client.Namespaces(t.Context())
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "jump host 127.0.0.1:")
	require.NoError(t, b.Restart(t.Context()))
	_, err = client.Namespaces(t.Context())
	require.NoError(t, err)
}

func TestAJumpHostThatCannotBeUsed(t *testing.T) {
	b := newBehind(t)
	closed := 1
	stranger := bastion.New(t)
	for _, tc := range []struct {
		name    string
		change  func(*vault, *kubeapi.JumpHost)
		kind    apierr.Kind
		message string
	}{
		{"a host whose key nobody knows", func(_ *vault, j *kubeapi.JumpHost) { j.KnownKeys = stranger.KnownHosts }, apierr.Invalid, "is not in /jump/known_hosts: add its key there"},
		{"a host that shows another key", func(_ *vault, j *kubeapi.JumpHost) {
			j.KnownKeys = strings.Replace(stranger.KnownHosts, known(stranger), known(b.Bastion), 1)
		}, apierr.Invalid, "which is not the one in /jump/known_hosts"},
		{"a wrong private key", func(v *vault, _ *kubeapi.JumpHost) { v.fields["creds/bastion"]["key"] = stranger.Key }, apierr.Denied, "does not let " + b.User + " log in with the key in secret creds/bastion#key"},
		{"a host that is not there", func(_ *vault, j *kubeapi.JumpHost) {
			j.Port, j.KnownKeys = &closed, strings.Replace(b.KnownHosts, known(b.Bastion), "[127.0.0.1]:1", 1)
		}, apierr.Unavailable, "jump host 127.0.0.1:1 is unreachable"},
		{"a port that the host does not let us to", func(_ *vault, j *kubeapi.JumpHost) { j.RemotePort = nil }, apierr.Denied, "connect to localhost:8888: permit it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changed := *b.through
			reader := &vault{fields: map[string]map[string]string{"creds/east": b.reader.fields["creds/east"], "creds/bastion": {"key": b.Key}}}
			tc.change(reader, &changed)
			pool := kubeapi.NewPool(reader)
			t.Cleanup(pool.Close)
			_, err := pool.Client(t.Context(), b.cluster, false, &changed)
			require.ErrorContains(t, err, "[east] is unreachable at "+b.kube.URL)
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			b.requireNoKeyIn(t, err.Error())
		})
	}
}

// known is how known_hosts names a jump host.
func known(b *bastion.Bastion) string {
	return knownhosts.Normalize(net.JoinHostPort(b.Host, strconv.Itoa(b.Port)))
}
