package kubeapi

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/sshtunnel"
)

// Pool keeps one client per cluster and token, so that connections and the list of kinds serve every activity of
// a worker. A client whose token the cluster has refused is replaced when it is next asked for, with the token as
// it then is. Clusters behind one jump host share the connection to it. It is safe for concurrent use.
type Pool struct {
	reader  secret.Reader
	tunnels *sshtunnel.Pool
	flights singleflight.Group

	mu      sync.Mutex
	clients map[string]*Client
}

// NewPool returns an empty pool that reads tokens with reader.
func NewPool(reader secret.Reader) *Pool {
	return &Pool{reader: reader, tunnels: sshtunnel.NewPool(reader), clients: map[string]*Client{}}
}

// Close ends the connections to jump hosts, and those through them. Nothing may use the pool or its clients any more.
func (p *Pool) Close() { p.tunnels.Close() }

// Client returns the client for a cluster, connecting first where there is none. Callers that come while it
// connects wait for the same attempt. An error is returned to them and not kept. Through is nil for a cluster that is
// reached directly.
func (p *Pool) Client(ctx context.Context, cluster appinterface.Cluster, privileged bool, through *JumpHost) (*Client, error) {
	if err := inputs.Outside(ctx, "cluster "+cluster.Name); err != nil {
		return nil, err
	}
	ref, _ := tokenRef(cluster, privileged)
	var way *Way
	if through != nil {
		way = through.way(p.tunnels)
	}
	key := fmt.Sprintf("%s %s %t %t %v %s", cluster.Name, cluster.ServerURL, cluster.InsecureSkipTLSVerify, privileged, ref, way.id())
	p.mu.Lock()
	client := p.clients[key]
	p.mu.Unlock()
	if client != nil && !client.refused.Load() {
		return client, nil
	}
	// The attempt outlives the caller that began it, because others may wait for it; New bounds its time.
	shared := context.WithoutCancel(ctx)
	flight := p.flights.DoChan(key, func() (any, error) {
		client, err := Connect(shared, p.reader, cluster, privileged, way)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.clients[key] = client
		return client, nil
	})
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Client), nil
	}
}
