package server

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// DefaultTTL is how long a bundle stays available after it was replaced or last asked for.
const DefaultTTL = 20 * time.Minute

// store keeps the bundles that are served, by sha. The latest never expires.
type store struct {
	ttl time.Duration
	now func() time.Time

	mu      sync.Mutex
	bundles map[string]*storedBundle
	latest  string
}

type storedBundle struct {
	bundle  *Bundle
	expires time.Time
}

func newStore(ttl time.Duration, now func() time.Time) *store {
	return &store{ttl: ttl, now: now, bundles: map[string]*storedBundle{}}
}

// add makes b the latest bundle and drops those that have expired. It returns false where b was there already.
//
// Differs from the reference: the time of a replaced bundle starts when it is replaced. qontract-server counts from
// the last query, so that the sha a run has just read from /sha256 may be dropped at once by two quick reloads. And a
// bundle that is still kept becomes the latest again when it is loaded again; qontract-server ignores the load.
func (s *store) add(b *Bundle) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if previous := s.bundles[s.latest]; previous != nil && s.latest != b.sha {
		previous.expires = now.Add(s.ttl)
	}
	_, known := s.bundles[b.sha]
	if !known {
		s.bundles[b.sha] = &storedBundle{bundle: b}
	}
	s.bundles[b.sha].expires = now.Add(s.ttl)
	s.latest = b.sha
	maps.DeleteFunc(s.bundles, func(sha string, stored *storedBundle) bool {
		return sha != s.latest && stored.expires.Before(now)
	})
	return !known
}

// get returns the bundle with that sha, or nil, and keeps it for another while.
func (s *store) get(sha string) *Bundle {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := s.bundles[sha]
	if stored == nil {
		return nil
	}
	stored.expires = s.now().Add(s.ttl)
	return stored.bundle
}

// peek returns the bundle with that sha, or nil, and leaves its expiry alone.
func (s *store) peek(sha string) *Bundle {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored := s.bundles[sha]; stored != nil {
		return stored.bundle
	}
	return nil
}

// current returns the latest bundle, or nil before the first.
func (s *store) current() *Bundle {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored := s.bundles[s.latest]; stored != nil {
		return stored.bundle
	}
	return nil
}

// expiry is one bundle's entry of /cache.
type expiry struct {
	SHA string `json:"sha"`
	// Expiration is in milliseconds since the epoch.
	Expiration int64 `json:"expiration"`
}

func (s *store) list() []expiry {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := []expiry{}
	for _, sha := range slices.Sorted(maps.Keys(s.bundles)) {
		entries = append(entries, expiry{SHA: sha, Expiration: s.bundles[sha].expires.UnixMilli()})
	}
	return entries
}
