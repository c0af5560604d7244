package sshtunnel

import (
	"fmt"
	"sync"
	"time"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Pool keeps one tunnel for each host, login and set of known keys. It is safe for concurrent use.
type Pool struct {
	reader    secret.Reader
	keepAlive time.Duration

	mu      sync.Mutex
	tunnels map[string]*Tunnel
}

// NewPool returns an empty pool that reads private keys with reader.
func NewPool(reader secret.Reader) *Pool {
	return &Pool{reader: reader, keepAlive: keepAliveEvery, tunnels: map[string]*Tunnel{}}
}

// Tunnel returns the tunnel through a host. It does not connect.
func (p *Pool) Tunnel(host Host) *Tunnel {
	key := fmt.Sprintf("%s %s %s %s\n%s", host.address(), host.User, host.Identity, host.Identity.Format, host.KnownHosts)
	p.mu.Lock()
	defer p.mu.Unlock()
	tunnel := p.tunnels[key]
	if tunnel == nil {
		tunnel = &Tunnel{host: host, reader: p.reader, keepAlive: p.keepAlive}
		p.tunnels[key] = tunnel
	}
	return tunnel
}

// Close ends all connections, and what goes through them. A tunnel that is asked for later connects anew.
func (p *Pool) Close() {
	p.mu.Lock()
	tunnels := p.tunnels
	p.tunnels = map[string]*Tunnel{}
	p.mu.Unlock()
	for _, tunnel := range tunnels {
		tunnel.close()
	}
}
