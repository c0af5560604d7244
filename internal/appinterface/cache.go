package appinterface

import (
	"container/list"
	"sync"
)

// cache keeps the answers used last, up to a number of bytes. What a worker holds is thereby bounded however many
// bundles come by.
type cache struct {
	mu      sync.Mutex
	limit   int64
	used    int64
	entries map[string]*list.Element
	// recent holds *entry values, the one used last in front.
	recent *list.List
}

type entry struct {
	key    string
	answer answer
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, entries: map[string]*list.Element{}, recent: list.New()}
}

func (c *cache) get(key string) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return answer{}, false
	}
	c.recent.MoveToFront(element)
	return element.Value.(*entry).answer, true
}

// add keeps an answer and drops those not used for longest until all fit. An answer larger than the whole cache is
// not kept.
func (c *cache) add(key string, a answer) {
	added := &entry{key: key, answer: a}
	if added.size() > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[key]; known {
		return
	}
	c.entries[key] = c.recent.PushFront(added)
	c.used += added.size()
	for c.used > c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(*entry)
		delete(c.entries, oldest.key)
		c.used -= oldest.size()
	}
}

// size is the memory of an entry when it is decoded, near enough to bound it.
func (e *entry) size() int64 {
	size := len(e.key) + (1+decodedFactor)*len(e.answer.Data)
	for _, schema := range e.answer.Extensions.Schemas {
		size += len(schema)
	}
	return int64(size)
}
