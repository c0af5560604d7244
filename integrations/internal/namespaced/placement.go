package namespaced

import (
	"context"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// place is a namespace of a cluster.
type place struct{ cluster, namespace string }

// placement knows the namespaces of the last bundle that was asked for. A run of thousands of changes asks once.
type placement struct {
	mu     sync.Mutex
	sha    string
	listed map[place][]Namespace
}

// namespaces returns what is listed for a namespace; nothing where the bundle has no such namespace.
func (p *placement) namespaces(ctx context.Context, o *Objects, s reconcile.Scope, namespace string) ([]Namespace, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listed == nil || p.sha != s.Bundle.SHA || s.Bundle.SHA == "" {
		namespaces, err := o.Namespaces(ctx, s)
		if err != nil {
			return nil, err
		}
		p.sha, p.listed = s.Bundle.SHA, make(map[place][]Namespace, len(namespaces))
		for _, n := range namespaces {
			at := place{n.Cluster.Name, n.Name}
			p.listed[at] = append(p.listed[at], n)
		}
	}
	return p.listed[place{s.Name, namespace}], nil
}
