package vaultapi

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// mostSecrets bounds the secrets that are remembered.
	mostSecrets = 2048
	// latestLasts is how long the latest version counts as the latest. The scopes of a run read it together and ask
	// once; the next run takes up a secret that was rotated.
	//
	// Differs from the reference: the latest version is known for half a minute, there as long as the process lives.
	latestLasts = 30 * time.Second
)

// cache remembers secrets of KV v2 by path and version. A version never changes; which one is the latest does.
type cache struct {
	now     func() time.Time
	entries *lru.Cache[cacheKey, cacheEntry]
}

type cacheKey struct {
	path    string
	version Version
}

type cacheEntry struct {
	secret Secret
	read   time.Time
}

func newCache(now func() time.Time) cache {
	// The only error is a size that is not positive.
	entries, _ := lru.New[cacheKey, cacheEntry](mostSecrets)
	return cache{now, entries}
}

func (c cache) get(path string, version Version) (Secret, bool) {
	entry, found := c.entries.Get(cacheKey{path, version})
	if !found || (version == Latest && c.now().Sub(entry.read) >= latestLasts) {
		return Secret{}, false
	}
	return entry.secret, true
}

// add remembers a secret that was asked for by the version.
func (c cache) add(version Version, read time.Time, s Secret) {
	c.entries.Add(cacheKey{s.Path, version}, cacheEntry{s, read})
}

// forgetLatest is called after a write.
func (c cache) forgetLatest(path string) { c.entries.Remove(cacheKey{path, Latest}) }
