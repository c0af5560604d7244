package main

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// moment is when a crash happens, relative to the call that triggers it.
type moment int

const (
	// before the call reaches the server.
	before moment = iota
	// unanswered is after the server has carried the call out, and before the worker hears of it.
	unanswered
	// later is up to afterwards after the call began, whatever the worker does by then.
	later
)

const afterwards = 200 * time.Millisecond

// tripwire stands before the servers that a worker calls and lets something crash at some of its calls. A call is told
// from others by its method and path; one that is repeated is not counted again. So the points at which something
// crashes are spread over all that there is to do, from the first read to the last write.
type tripwire struct {
	rng     *rand.Rand
	moments []moment
	// crash lets it happen, and returns when what crashed runs again.
	crash func() error
	// done is closed after the last crash.
	done chan struct{}

	mu      sync.Mutex
	seen    map[string]bool
	points  []int
	busy    bool
	crashed time.Time
	// recoveries are the times from a crash to the next call.
	recoveries []time.Duration
	failure    error
}

// newTripwire crashes as often as told, each time at one of so many first calls, at one of the moments.
func newTripwire(rng *rand.Rand, times, calls int, moments ...moment) *tripwire {
	points := rng.Perm(calls)[:times]
	slices.Sort(points)
	return &tripwire{rng: rng, moments: moments, points: points, seen: map[string]bool{}, done: make(chan struct{})}
}

// watch returns a handler that passes calls on to next. Writes take up to pace longer, so that crashes find some under way.
func (w *tripwire) watch(next http.Handler, pace time.Duration) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		c := w.pass(r)
		if c.trips && c.at == before {
			w.fire()
			return
		}
		if r.Method != http.MethodGet && pace > 0 {
			select {
			case <-time.After(time.Duration(c.chance * float64(pace))):
			case <-r.Context().Done():
				if c.trips {
					w.fire()
				}
				return
			}
		}
		switch {
		case c.trips && c.at == unanswered:
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.fire()
			return
		case c.trips:
			time.AfterFunc(time.Duration(c.chance*float64(afterwards)), w.fire)
		}
		next.ServeHTTP(answer, r)
	})
}

// call is what is to become of one call.
type call struct {
	// trips says that something crashes, at the moment.
	trips bool
	at    moment
	// chance is between 0 and 1.
	chance float64
}

// pass counts a call.
func (w *tripwire) pass(r *http.Request) call {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.crashed.IsZero() && !w.busy {
		w.recoveries = append(w.recoveries, time.Since(w.crashed))
		w.crashed = time.Time{}
	}
	w.seen[r.Method+" "+r.URL.Path] = true
	c := call{chance: w.rng.Float64()}
	if !w.busy && len(w.points) > 0 && len(w.seen) > w.points[0] {
		w.points, w.busy = w.points[1:], true
		c.trips, c.at = true, w.moments[w.rng.IntN(len(w.moments))]
	}
	return c
}

// fire lets the crash happen.
func (w *tripwire) fire() {
	crashed := time.Now()
	err := w.crash()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crashed, w.busy = crashed, false
	if err != nil {
		w.failure, w.points = err, nil
	}
	if len(w.points) == 0 {
		close(w.done)
	}
}

// outcome returns how long the recoveries took, and the error of a crash that went wrong.
func (w *tripwire) outcome() ([]time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(slices.Values(w.recoveries)), w.failure
}
