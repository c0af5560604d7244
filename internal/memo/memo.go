// Package memo keeps what never changes once it was read, such as a file at a commit, and reads once what several want at
// the same time. So requests grow with what there is to read, and not with who wants it.
package memo

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// Cache is bounded: what was not asked for the longest goes first. It is safe for concurrent use.
type Cache struct {
	most    int
	flights singleflight.Group

	mu   sync.Mutex
	kept *simplelru.LRU[string, entry]
	held int
}

type entry struct {
	value any
	size  int
}

const (
	// mostEntries is how many values are kept however small they are.
	mostEntries = 100_000
	// overhead is what a value takes besides its own bytes.
	overhead = 256
)

// New returns an empty cache of so many bytes.
func New(most int) *Cache {
	c := &Cache{most: most}
	kept, err := simplelru.NewLRU(mostEntries, func(_ string, gone entry) { c.held -= gone.size })
	if err == nil {
		// Only a size of zero is refused.
		c.kept = kept
	}
	return c
}

// Get returns the value of a key: what is kept, or what read returns. Callers that come while it is read wait for the same
// answer; whoever gives up ends the reading for nobody, so read needs a deadline of its own. Errors are not kept. A value
// whose size, in bytes, is more than a quarter of the cache is not kept either. The value is shared: nobody may change it.
func Get[V any](ctx context.Context, c *Cache, key string, size func(V) int, read func(context.Context) (V, error)) (V, error) {
	var none V
	if known, ok := c.look(key); ok {
		return known.(V), nil
	}
	shared := context.WithoutCancel(ctx)
	flight := c.flights.DoChan(key, func() (any, error) {
		// The last reading may have ended since this caller looked.
		if known, ok := c.look(key); ok {
			return known, nil
		}
		value, err := read(shared)
		if err != nil {
			return nil, err
		}
		c.keep(key, value, size(value)+len(key)+overhead)
		return value, nil
	})
	select {
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case result := <-flight:
		if result.Err != nil {
			return none, result.Err
		}
		return result.Val.(V), nil
	}
}

func (c *Cache) look(key string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		return nil, false
	}
	known, ok := c.kept.Get(key)
	return known.value, ok
}

func (c *Cache) keep(key string, value any, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || size > c.most/4 {
		return
	}
	c.kept.Remove(key)
	c.kept.Add(key, entry{value, size})
	for c.held += size; c.held > c.most; {
		c.kept.RemoveOldest()
	}
}
