package kubeapi

import (
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/sshtunnel"
)

// proxyPort is the port of the HTTP proxy on a jump host that names none.
//
// Differs from the reference: it cannot do without the port.
const proxyPort = 8888

// Way leads to a cluster: through an SSH tunnel to the HTTP proxy on its jump host.
//
// Differs from the reference: connections go through the SSH connection itself. The reference listens on a random port
// of this machine for each jump host, which whoever is on it may use, and which may be taken.
type Way struct {
	tunnel   *sshtunnel.Tunnel
	proxyURL string
}

// JumpHost is the jump host of a cluster, and the keys that it may show: the text of the resource that its datafile names.
type JumpHost struct {
	appinterface.JumpHost
	KnownKeys string
}

// way returns the way through a jump host. It does not connect.
func (j JumpHost) way(tunnels *sshtunnel.Pool) *Way {
	host := sshtunnel.Host{
		Hostname: j.Hostname, User: j.User, Identity: j.Identity, KnownHosts: j.KnownKeys, KnownHostsPath: j.KnownHosts,
	}
	if j.Port != nil {
		host.Port = *j.Port
	}
	remote := proxyPort
	if j.RemotePort != nil {
		remote = *j.RemotePort
	}
	proxy := url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", strconv.Itoa(remote))}
	return &Way{tunnel: tunnels.Tunnel(host), proxyURL: proxy.String()}
}

// id tells ways apart.
func (w *Way) id() string {
	if w == nil {
		return "directly"
	}
	return fmt.Sprintf("%p %s", w.tunnel, w.proxyURL)
}
