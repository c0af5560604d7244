// Package inputs records what an integration reads from app-interface, and compares what it reads from two bundles.
// Where both are the same the integration wants the same, whatever it makes of it, and need not run.
package inputs

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/deephash"
)

// Answer is what app-interface answered to one query.
type Answer struct {
	// Query is the operation's name, for messages.
	Query string
	// Request is the whole request, variables included.
	Request string
	Data    json.RawMessage
	// Shape says which lists in Data have no order.
	Shape *deephash.Shape
}

// Recording holds the answers that were given under its context. It is safe for concurrent use.
type Recording struct {
	mu      sync.Mutex
	answers map[string]Answer
	outside []string
}

type key struct{}

// Record returns a context under which every answer of app-interface is recorded, and every other system refuses to be
// read (Outside).
func Record(ctx context.Context) (context.Context, *Recording) {
	r := &Recording{answers: map[string]Answer{}}
	return context.WithValue(ctx, key{}, r), r
}

// Note records an answer where the context records, and else does not ask for it. A session calls it for each answer
// that it passes on.
func Note(ctx context.Context, answer func() Answer) {
	r, recording := ctx.Value(key{}).(*Recording)
	if !recording {
		return
	}
	a := answer()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[a.Request] = a
}

// Outside returns an error where the context records: what is about to be read is no data of app-interface, so that
// equal answers of app-interface prove nothing. Every client calls it before it reads. The recording remembers it, also
// where the error gets lost.
func Outside(ctx context.Context, what string) error {
	r, recording := ctx.Value(key{}).(*Recording)
	if !recording {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.outside, what) {
		r.outside = append(r.outside, what)
	}
	return apierr.Errorf(apierr.Invalid, "it reads %s, which is no data of app-interface", what)
}

// Recorded says whether the context records: who reads something else than app-interface and can do without it leaves it
// alone.
func Recorded(ctx context.Context) bool {
	_, recording := ctx.Value(key{}).(*Recording)
	return recording
}

// Outside is what was to be read besides app-interface, in the order in which it was.
func (r *Recording) Outside() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.outside)
}

// all are the answers by request.
func (r *Recording) all() map[string]Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string]Answer, len(r.answers))
	for request, answer := range r.answers {
		all[request] = answer
	}
	return all
}
