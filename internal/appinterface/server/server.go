// Package server is app-interface's GraphQL server, embedded: it serves a folder of datafiles and resources, or a
// bundle as qontract-server reads it, over qontract-server's own endpoints. Tests, rehearsals and `starter dev` run
// against it, and it can stand in for qontract-server where that is not wanted.
//
// Several bundles are served at once, each under its sha, so that a run keeps reading the snapshot it started with.
// A reload that fails leaves everything as it was.
package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Source reads the bundle that a reload takes: a file, a folder, whatever the caller serves.
type Source func(ctx context.Context) (*Bundle, error)

// Options are all optional.
type Options struct {
	// Source is read by Reload. Without one, Reload fails.
	Source Source
	// TTL is how long a bundle stays available after it was replaced or last asked for; DefaultTTL where zero.
	TTL time.Duration
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// Log receives what was loaded and why a reload failed; nothing is logged where nil.
	Log *slog.Logger
}

// Server serves bundles. It is safe for concurrent use.
type Server struct {
	store   *store
	metrics *metrics
	source  Source
	log     *slog.Logger
	// reloading makes one reload wait for another, so that the one that was asked for last wins.
	reloading sync.Mutex
}

// New returns a server without bundles: it answers 503 until the first is loaded.
func New(options Options) (*Server, error) {
	m, err := newMetrics()
	if err != nil {
		return nil, err
	}
	if options.TTL == 0 {
		options.TTL = DefaultTTL
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{store: newStore(options.TTL, options.Now), metrics: m, source: options.Source, log: options.Log}, nil
}

// Load serves b as the latest bundle and returns its sha. Loading a bundle again changes nothing but which is the
// latest. Bundles whose time is over are dropped.
func (s *Server) Load(b *Bundle) string {
	added := s.store.add(b)
	s.metrics.show(b, len(s.store.list()))
	if added {
		s.metrics.reloads.Inc()
		s.log.Info("bundle loaded", "sha", b.sha, "datafiles", len(b.datafiles), "resources", len(b.resources))
	}
	return b.sha
}

// Reload reads the source and loads what it gives. On an error, which holds all that is wrong with the files, the
// bundles that are served stay as they are.
func (s *Server) Reload(ctx context.Context) (sha string, err error) {
	if s.source == nil {
		return "", errors.New("nothing to reload: the server was started without a source")
	}
	s.reloading.Lock()
	defer s.reloading.Unlock()
	b, err := s.source(ctx)
	if err != nil {
		s.log.Error("reload failed, the previous bundle stays", "error", err)
		return "", err
	}
	return s.Load(b), nil
}

// Latest returns the bundle that was loaded last, or nil before the first.
func (s *Server) Latest() *Bundle { return s.store.current() }

// Bundle returns the bundle with that sha, or nil where none is kept.
func (s *Server) Bundle(sha string) *Bundle { return s.store.peek(sha) }
