package memo

import (
	"context"
	"sync"
)

// Once remembers what was made, or why it could not be, by its key, and makes it once for all who want it: what one step
// reads of things that change. The zero value is empty. It is safe for concurrent use.
type Once[K comparable, V any] struct {
	mu   sync.Mutex
	made map[K]*making[V]
}

type making[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// Get returns what produce returned for the key at its first use. Whoever gives up ends the making for nobody.
func (o *Once[K, V]) Get(ctx context.Context, key K, produce func(context.Context) (V, error)) (V, error) {
	o.mu.Lock()
	m, known := o.made[key]
	if !known {
		m = &making[V]{done: make(chan struct{})}
		if o.made == nil {
			o.made = map[K]*making[V]{}
		}
		o.made[key] = m
		shared := context.WithoutCancel(ctx)
		go func() {
			defer close(m.done)
			m.value, m.err = produce(shared)
		}()
	}
	o.mu.Unlock()
	select {
	case <-ctx.Done():
		var none V
		return none, context.Cause(ctx)
	case <-m.done:
		return m.value, m.err
	}
}
