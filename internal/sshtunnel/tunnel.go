// Package sshtunnel reaches what only a jump host reaches. A tunnel is one SSH connection, which everybody who goes
// through the same host shares; each connection through it is a channel of its own. No port is opened on this machine,
// so that nobody else here can use the way.
//
// Errors are classified (apierr), name the host and the remedy, and hold nothing of the private key.
package sshtunnel

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/singleflight"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	// connectTimeout bounds how long a host that does not answer keeps anybody waiting.
	connectTimeout = 8 * time.Second
	// keepAliveEvery is the pause between two questions whether the host is there. One that leaves a question open as
	// long is gone.
	keepAliveEvery = 15 * time.Second
)

// Host is a jump host and how to log in to it. It holds nothing secret.
type Host struct {
	Hostname string
	// Port is SSH's; zero stands for 22.
	Port int
	User string
	// Identity is where the private key is kept.
	Identity secret.Ref
	// KnownHosts is the text of a known_hosts file that has the host's keys, and KnownHostsPath its name in messages.
	KnownHosts, KnownHostsPath string
}

func (h Host) address() string {
	port := h.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(h.Hostname, strconv.Itoa(port))
}

// Tunnel is the way through one host. It connects when it is first used, and anew when the connection broke. It is safe
// for concurrent use.
type Tunnel struct {
	host      Host
	reader    secret.Reader
	keepAlive time.Duration
	flights   singleflight.Group
	running   sync.WaitGroup

	mu     sync.Mutex
	live   *connection
	closed bool
}

// DialContext connects to an address as the jump host sees it. A host that cannot be reached is apierr.Unavailable, one
// that refuses the login or the connection apierr.Denied, and one whose key is not the known one apierr.Invalid.
func (t *Tunnel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	const tries = 2
	for try := 1; ; try++ {
		live, err := t.connection(ctx)
		if err != nil {
			return nil, err
		}
		conn, err := live.open(ctx, network, address)
		if err == nil {
			return conn, nil
		}
		var refused *ssh.OpenChannelError
		if errors.As(err, &refused) {
			return nil, t.refusal(refused, address)
		}
		if try == tries || ctx.Err() != nil {
			return nil, apierr.Errorf(apierr.Unavailable, "jump host %s: connect to %s: %w", t.host.address(), address, err)
		}
		// The connection broke a moment ago; nothing has been sent to the address yet.
		t.drop(live)
	}
}

// refusal says why the host does not connect to an address.
func (t *Tunnel) refusal(refused *ssh.OpenChannelError, address string) error {
	if refused.Reason == ssh.Prohibited {
		return apierr.Errorf(apierr.Denied, "jump host %s does not let %s connect to %s: permit it in AllowTcpForwarding and PermitOpen of its sshd, and in the key's line of authorized_keys",
			t.host.address(), t.host.User, address)
	}
	return apierr.Errorf(apierr.Unavailable, "jump host %s cannot connect to %s: %s; see that the proxy runs there, and that jumpHost.remotePort is its port",
		t.host.address(), address, refused.Message)
}

var errClosed = errors.New("the tunnel is closed")

// connection returns the connection to the host, connecting first where there is none. Callers that come while it
// connects wait for the same attempt.
func (t *Tunnel) connection(ctx context.Context) (*connection, error) {
	t.mu.Lock()
	live, closed := t.live, t.closed
	t.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	if live != nil {
		return live, nil
	}
	// The attempt outlives the caller that began it, because others may wait for it; it has a time limit of its own.
	shared := context.WithoutCancel(ctx)
	flight := t.flights.DoChan("", func() (any, error) {
		client, err := t.connect(shared)
		if err != nil {
			return nil, err
		}
		return t.keep(client)
	})
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*connection), nil
	}
}

// keep makes the connection that of the tunnel for as long as it holds.
func (t *Tunnel) keep(client *ssh.Client) (*connection, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = client.Close()
		return nil, errClosed
	}
	live := &connection{Client: client, gone: make(chan struct{})}
	t.live = live
	t.running.Go(func() {
		_ = client.Wait()
		close(live.gone)
		t.drop(live)
	})
	t.running.Go(func() { live.watch(t.keepAlive) })
	return live, nil
}

// drop closes a connection, so that the next one who needs it connects anew.
func (t *Tunnel) drop(ended *connection) {
	_ = ended.Close()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == ended {
		t.live = nil
	}
}

// close ends the connection, and all that goes through it, for good.
func (t *Tunnel) close() {
	t.mu.Lock()
	t.closed = true
	live := t.live
	t.mu.Unlock()
	if live != nil {
		_ = live.Close()
	}
	t.running.Wait()
}
