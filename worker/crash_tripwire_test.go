package main

import (
	"errors"
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

// tripwire stands before the servers that a worker calls and lets something crash at some of its calls.
type tripwire struct {
	rng     *rand.Rand
	trigger trigger
	// stop lets it crash, and start returns when what crashed runs again.
	stop, start func() error
	// done is closed after the last crash.
	done chan struct{}

	mu      sync.Mutex
	busy    bool
	crashed time.Time
	// recoveries are the times from a crash to the next call.
	recoveries []time.Duration
	failure    error
}

// trigger chooses the calls at which something crashes. Calls are told apart by their names.
type trigger interface {
	// count is told of every call that has a name.
	count(name string)
	// due says whether something crashes at the call that was counted last, and when. It is asked while nothing is
	// crashing.
	due() (moment, bool)
	// left is the number of crashes to come.
	left() int
}

func newTripwire(rng *rand.Rand, of trigger) *tripwire {
	return &tripwire{rng: rng, trigger: of, done: make(chan struct{})}
}

// watch returns a handler that passes calls on to next. Calls of an empty name are passed on as they are. Writes take up
// to pace longer, so that crashes find some under way.
func (w *tripwire) watch(next http.Handler, pace time.Duration, name func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		c := w.pass(name(r))
		if c.trips && c.at == before {
			w.fire(nil)
			return
		}
		if r.Method != http.MethodGet && pace > 0 {
			select {
			case <-time.After(time.Duration(c.chance * float64(pace))):
			case <-r.Context().Done():
				if c.trips {
					w.fire(nil)
				}
				return
			}
		}
		switch {
		case c.trips && c.at == unanswered:
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.fire(nil)
			return
		case c.trips:
			time.AfterFunc(time.Duration(c.chance*float64(afterwards)), func() { w.fire(nil) })
		}
		next.ServeHTTP(answer, r)
	})
}

// methodAndPath names every call.
func methodAndPath(r *http.Request) string { return r.Method + " " + r.URL.Path }

// call is what is to become of one call.
type call struct {
	// trips says that something crashes, at the moment.
	trips bool
	at    moment
	// chance is between 0 and 1.
	chance float64
}

// pass counts a call.
func (w *tripwire) pass(name string) call {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.crashed.IsZero() && !w.busy {
		w.recoveries = append(w.recoveries, time.Since(w.crashed))
		w.crashed = time.Time{}
	}
	c := call{chance: w.rng.Float64()}
	if name == "" {
		return c
	}
	w.trigger.count(name)
	if !w.busy && w.failure == nil {
		c.at, c.trips = w.trigger.due()
		w.busy = c.trips
	}
	return c
}

// fire lets the crash happen. Down, where given, is called while what crashed is down.
func (w *tripwire) fire(down func() error) {
	crashed := time.Now()
	err := w.stop()
	if down != nil {
		err = errors.Join(err, down())
	}
	err = errors.Join(err, w.start())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crashed, w.busy, w.failure = crashed, false, err
	if err != nil || w.trigger.left() == 0 {
		close(w.done)
	}
}

// left is the number of crashes to come.
func (w *tripwire) left() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trigger.left()
}

// outcome returns how long the recoveries took, and the error of a crash that went wrong.
func (w *tripwire) outcome() ([]time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(slices.Values(w.recoveries)), w.failure
}

// spread crashes at first calls, each time at one of the moments. A call that is repeated is not counted again. So the
// points are spread over all that there is to do, from the first read to the last write.
type spread struct {
	rng     *rand.Rand
	moments []moment
	seen    map[string]bool
	points  []int
}

// newSpread crashes as often as told, each time at one of so many first calls.
func newSpread(rng *rand.Rand, times, calls int, moments ...moment) *spread {
	points := rng.Perm(calls)[:times]
	slices.Sort(points)
	return &spread{rng: rng, moments: moments, points: points, seen: map[string]bool{}}
}

func (s *spread) count(name string) { s.seen[name] = true }

func (s *spread) due() (moment, bool) {
	if len(s.points) == 0 || len(s.seen) <= s.points[0] {
		return 0, false
	}
	s.points = s.points[1:]
	return s.moments[s.rng.IntN(len(s.moments))], true
}

func (s *spread) left() int { return len(s.points) }

// point is a call at which something crashes: the n-th of its name, counted from 1.
type point struct {
	name string
	n    int
	at   moment
}

// exactly crashes at given points, and keeps the calls in their order.
type exactly struct {
	points []point
	calls  []point
	times  map[string]int
}

func newExactly(points ...point) *exactly { return &exactly{points: points, times: map[string]int{}} }

func (e *exactly) count(name string) {
	e.times[name]++
	e.calls = append(e.calls, point{name: name, n: e.times[name]})
}

func (e *exactly) due() (moment, bool) {
	last := e.calls[len(e.calls)-1]
	for i, p := range e.points {
		if p.name == last.name && p.n == last.n {
			e.points = slices.Delete(e.points, i, i+1)
			return p.at, true
		}
	}
	return 0, false
}

func (e *exactly) left() int { return len(e.points) }
