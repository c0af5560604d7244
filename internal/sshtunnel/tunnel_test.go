package sshtunnel_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/sshtunnel"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// keys holds private keys by the paths of their secrets.
type keys map[string]string

func (k keys) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	key, ok := k[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s is not there", ref)
	}
	return secret.New(key), nil
}

func (k keys) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

// line is a relay in front of an sshd, which counts the connections.
type line struct {
	listener net.Listener
	mu       sync.Mutex
	carried  int
	// frozen holds back what the connections carry, without a word to either end.
	frozen sync.RWMutex
}

func newLine(t *testing.T, to *servers.SSHD) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(to.Port)))
			if err != nil {
				_ = near.Close()
				continue
			}
			l.mu.Lock()
			l.carried++
			l.mu.Unlock()
			go l.carry(near, far)
			go l.carry(far, near)
		}
	}()
	return l
}

func (l *line) carry(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		l.frozen.RLock()
		_, failed := to.Write(buffer[:n])
		l.frozen.RUnlock()
		if err != nil || failed != nil {
			return
		}
	}
}

func (l *line) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.carried
}

func (l *line) port() int { return l.listener.Addr().(*net.TCPAddr).Port }

const identity = "creds/bastion"

// site is an sshd behind a line, and an echo service that it reaches.
type site struct {
	sshd *servers.SSHD
	line *line
	keys keys
	host sshtunnel.Host
	echo string
}

func newSite(t *testing.T, options servers.SSHDOptions) *site {
	t.Helper()
	sshd, err := servers.StartSSHD(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sshd.Stop()) })
	s := &site{sshd: sshd, line: newLine(t, sshd), keys: keys{identity: sshd.Key}}
	s.host = sshtunnel.Host{
		Hostname: "127.0.0.1", Port: s.line.port(), User: sshd.User, Identity: secret.Ref{Path: identity, Field: "key"},
		KnownHosts:     strings.Replace(sshd.KnownHosts, strconv.Itoa(sshd.Port), strconv.Itoa(s.line.port()), 1),
		KnownHostsPath: "/jump/known_hosts",
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	s.echo = "localhost:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	return s
}

func (s *site) pool(t *testing.T) *sshtunnel.Pool {
	t.Helper()
	pool := sshtunnel.NewPool(s.keys)
	t.Cleanup(pool.Close)
	return pool
}

// says sends a text through a connection and requires it back.
func says(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := conn.Write([]byte(text))
	require.NoError(t, err)
	back := make([]byte, len(text))
	_, err = io.ReadFull(conn, back)
	require.NoError(t, err)
	require.Equal(t, text, string(back))
}

// requireEnded requires that a connection is ended from the other side, soon.
func requireEnded(t *testing.T, conn net.Conn) {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, io.EOF)
	case <-time.After(20 * time.Second):
		require.Fail(t, "nobody told who was connected")
	}
}

func TestAllWhoGoThroughAHostShareOneConnection(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	before := goleak.IgnoreCurrent()
	pool := s.pool(t)
	var group sync.WaitGroup
	conns := make([]net.Conn, 20)
	for i := range conns {
		group.Go(func() {
			conn, err := pool.Tunnel(s.host).DialContext(t.Context(), "tcp", s.echo)
			if err == nil {
				conns[i] = conn
			}
		})
	}
	group.Wait()
	for i, conn := range conns {
		require.NotNil(t, conn)
		says(t, conn, fmt.Sprintf("number %d", i))
	}
	require.Equal(t, 1, s.line.connections())
	tunnel, same, other := pool.Tunnel(s.host), s.host, s.host
	require.Same(t, tunnel, pool.Tunnel(same))
	other.User = "somebody"
	require.NotSame(t, tunnel, pool.Tunnel(other), "another login is another tunnel")

	pool.Close()
	requireEnded(t, conns[0])
	_, err := tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.ErrorContains(t, err, "the tunnel is closed")
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("io.Copy"), goleak.IgnoreAnyFunction("github.com/app-sre/qontract-temporal/internal/sshtunnel_test.(*line).carry"))
}

func newKey(t *testing.T) (string, ssh.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	shown, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(block)), shown
}

func TestAHostThatCannotBeUsedIsNamedWithTheRemedy(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	strange, strangePublic := newKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	rsaPublic, err := ssh.NewPublicKey(rsaKey.Public())
	require.NoError(t, err)
	known := func(key ssh.PublicKey) string {
		return knownhosts.Line([]string{fmt.Sprintf("[127.0.0.1]:%d", s.line.port())}, key) + "\n"
	}
	for _, tc := range []struct {
		name   string
		change func(*site)
		kind   apierr.Kind
		errors []string
	}{
		{"a host that nobody knows", func(s *site) { s.host.KnownHosts = knownhosts.Line([]string{"bastion.example"}, strangePublic) }, apierr.Invalid,
			[]string{"is not in /jump/known_hosts: add its key there", fmt.Sprintf("`ssh-keyscan -p %d 127.0.0.1`", s.line.port())}},
		{"an empty list of hosts", func(s *site) { s.host.KnownHosts = "" }, apierr.Invalid, []string{"is not in /jump/known_hosts"}},
		{"a host with another key than the known one", func(s *site) { s.host.KnownHosts = known(strangePublic) }, apierr.Invalid,
			[]string{"shows the key ssh-ed25519 SHA256:", "which is not the one in /jump/known_hosts", "somebody intercepts"}},
		{"a host whose known key is of another kind", func(s *site) { s.host.KnownHosts = known(rsaPublic) }, apierr.Invalid,
			[]string{"no common algorithm for host key", "see that /jump/known_hosts has a key of a kind that the host still shows"}},
		{"a list that is none", func(s *site) { s.host.KnownHosts = "bastion.example\n" }, apierr.Invalid, []string{"/jump/known_hosts:1"}},
		{"a key that the host does not let in", func(s *site) { s.keys = keys{identity: strange} }, apierr.Denied,
			[]string{"does not let " + s.sshd.User + " log in with the key in secret creds/bastion#key", "authorized_keys"}},
		{"a user that the host does not have", func(s *site) { s.host.User = "no-such-user" }, apierr.Denied, []string{"does not let no-such-user log in"}},
		{"a secret that is no key", func(s *site) { s.keys = keys{identity: "hunter2"} }, apierr.Invalid, []string{"secret creds/bastion#key is no private key"}},
		{"a secret that is not there", func(s *site) { s.keys = keys{} }, apierr.Missing, []string{"secret creds/bastion#key is not there"}},
		{"a host that is not there", func(s *site) {
			s.host.Port = 1
			s.host.KnownHosts = knownhosts.Line([]string{"[127.0.0.1]:1"}, strangePublic)
		}, apierr.Unavailable, []string{"jump host 127.0.0.1:1 is unreachable", "connection refused"}},
		{"a port that nobody listens on", func(s *site) { s.echo = "localhost:1" }, apierr.Unavailable, []string{"cannot connect to localhost:1", "jumpHost.remotePort"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changed := &site{sshd: s.sshd, line: s.line, keys: s.keys, host: s.host, echo: s.echo}
			tc.change(changed)
			began := time.Now()
			_, err := changed.pool(t).Tunnel(changed.host).DialContext(t.Context(), "tcp", changed.echo)
			for _, want := range append(tc.errors, "127.0.0.1:"+strconv.Itoa(changed.host.Port)) {
				if tc.kind != apierr.Missing || strings.HasPrefix(want, "secret") {
					require.ErrorContains(t, err, want)
				}
			}
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.Less(t, time.Since(began), 9*time.Second)
			require.NotContains(t, err.Error(), "hunter2")
			for _, key := range changed.keys {
				for _, part := range strings.Fields(key) {
					require.False(t, len(part) > 20 && strings.Contains(err.Error(), part), "the key is shown")
				}
			}
		})
	}
	_, err = s.pool(t).Tunnel(s.host).DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err, "unchanged it works")
}

func TestAHostThatForbidsForwardingIsDenied(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{PermitOpen: "localhost:8888"})
	_, err := s.pool(t).Tunnel(s.host).DialContext(t.Context(), "tcp", s.echo)
	require.ErrorContains(t, err, "does not let "+s.sshd.User+" connect to "+s.echo+": permit it in AllowTcpForwarding and PermitOpen")
	require.True(t, apierr.Is(err, apierr.Denied))
}

func TestAHostWithSeveralKnownKeysMayShowAnyOfThem(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	_, older := newKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	rsaPublic, err := ssh.NewPublicKey(rsaKey.Public())
	require.NoError(t, err)
	name := []string{fmt.Sprintf("[127.0.0.1]:%d", s.line.port())}
	s.host.KnownHosts = "# bastions\n" + knownhosts.Line(name, rsaPublic) + "\n" + knownhosts.Line(name, older) + "\n" + s.host.KnownHosts
	conn, err := s.pool(t).Tunnel(s.host).DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
	says(t, conn, "hello")
}

func TestATunnelConnectsAnewWhenTheHostComesBack(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	tunnel := s.pool(t).Tunnel(s.host)
	conn, err := tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
	says(t, conn, "before")

	s.sshd.Break()
	requireEnded(t, conn)
	_, err = tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)

	require.NoError(t, s.sshd.Restart(t.Context()))
	conn, err = tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
	says(t, conn, "after")
}

func TestAConnectionThatDiedWithoutAWordIsReplaced(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	pool := s.pool(t)
	pool.SetKeepAlive(time.Second)
	tunnel := pool.Tunnel(s.host)
	conn, err := tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
	says(t, conn, "before")
	<-time.After(2500 * time.Millisecond)
	says(t, conn, "still there")
	require.Equal(t, 1, s.line.connections(), "a host that answers keeps its connection")

	s.line.frozen.Lock()
	requireEnded(t, conn)
	s.line.frozen.Unlock()
	conn, err = tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
	says(t, conn, "after")
	require.Equal(t, 2, s.line.connections())
}

func TestARenewedKeyCountsAtTheNextConnection(t *testing.T) {
	s := newSite(t, servers.SSHDOptions{})
	good := s.keys[identity]
	s.keys[identity], _ = newKey(t)
	tunnel := s.pool(t).Tunnel(s.host)
	_, err := tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.True(t, apierr.Is(err, apierr.Denied))
	s.keys[identity] = good
	_, err = tunnel.DialContext(t.Context(), "tcp", s.echo)
	require.NoError(t, err)
}

func TestFailureMode12_AJumpHostThatNeverAnswersIsGivenUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	key, public := newKey(t)
	host := sshtunnel.Host{Hostname: "127.0.0.1", Port: silent.Addr().(*net.TCPAddr).Port, User: "u", Identity: secret.Ref{Path: identity}}
	host.KnownHosts = knownhosts.Line([]string{fmt.Sprintf("[127.0.0.1]:%d", host.Port)}, public)
	pool := sshtunnel.NewPool(keys{identity: key})
	t.Cleanup(pool.Close)
	began := time.Now()
	_, err = pool.Tunnel(host).DialContext(t.Context(), "tcp", "localhost:8888")
	require.ErrorContains(t, err, "does not complete the login")
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.Less(t, time.Since(began), 10*time.Second)
}
