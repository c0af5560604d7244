// Package fault stands before any server that tests run in-process. It records the calls that arrive and makes one of them
// fail, so that a case can be run with each remote call failing once, and so that a dry run can be held to writing nothing.
package fault

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Failure is how a call fails. The zero value cuts the connection without an answer.
type Failure struct {
	// Status is the HTTP status to answer with; zero cuts the connection.
	Status int
	Header http.Header
	Body   string
	// AfterEffect lets the server carry the call out and then fails the answer, as when a network breaks between the
	// two. Otherwise the server never sees the call.
	AfterEffect bool
}

// Call is one call that arrived, whether or not it failed.
type Call struct {
	Method string
	Path   string
	Query  string
	// Operation names what is asked for where path and query do not; empty for a server without such names.
	Operation string
	// Write is false for what leaves the server unchanged.
	Write bool
	// At is when it arrived.
	At time.Time
}

// Same says whether two calls ask for the same.
func (c Call) Same(other Call) bool {
	return c.Method == other.Method && c.Path == other.Path && c.Query == other.Query && c.Operation == other.Operation
}

// String names the call in messages, without its query.
func (c Call) String() string {
	if c.Operation == "" {
		return c.Method + " " + c.Path
	}
	return c.Method + " " + c.Path + " " + c.Operation
}

// Injector is an http.Handler. It is safe for concurrent use.
type Injector struct {
	next      http.Handler
	isRead    func(*http.Request) bool
	operation func(*http.Request) string

	mu    sync.Mutex
	calls []Call
	armed []armed
}

// armed is a failure that waits for its call.
type armed struct {
	due     func(n int, call Call) bool
	failure Failure
}

// New returns an injector before next that fails nothing. GET, HEAD and OPTIONS are reads; the optional isRead recognises
// others, such as a query sent by POST. It must not consume the request's body.
func New(next http.Handler, isRead func(*http.Request) bool, options ...Option) *Injector {
	i := &Injector{next: next, isRead: isRead}
	for _, option := range options {
		option(i)
	}
	return i
}

// Option changes how an injector sees calls.
type Option func(*Injector)

// WithOperations tells calls apart by an operation that their method, path and query do not name. Operation must leave
// the request's body to be read.
func WithOperations(operation func(*http.Request) string) Option {
	return func(i *Injector) { i.operation = operation }
}

// FailNth lets the n-th call since the last Reset fail, counted from 1. Each failure happens once.
func (i *Injector) FailNth(n int, failure Failure) {
	i.arm(armed{due: func(number int, _ Call) bool { return number == n }, failure: failure})
}

// FailNext lets the next call fail that asks for the same. Each failure happens once.
func (i *Injector) FailNext(same Call, failure Failure) {
	i.arm(armed{due: func(_ int, call Call) bool { return call.Same(same) }, failure: failure})
}

func (i *Injector) arm(a armed) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.armed = append(i.armed, a)
}

// Waiting is the number of failures whose call has not come.
func (i *Injector) Waiting() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.armed)
}

// Calls returns the calls since the last Reset, in the order of their arrival.
func (i *Injector) Calls() []Call {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.calls)
}

// Writes returns those calls that write.
func (i *Injector) Writes() []Call {
	return slices.DeleteFunc(i.Calls(), func(c Call) bool { return !c.Write })
}

// Reset forgets calls and failures.
func (i *Injector) Reset() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls, i.armed = nil, nil
}

// ServeHTTP records the call, and passes it on or fails it.
func (i *Injector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	failure, fails := i.record(r)
	if !fails {
		i.next.ServeHTTP(w, r)
		return
	}
	if failure.AfterEffect {
		i.next.ServeHTTP(&discard{header: http.Header{}}, r)
	}
	if failure.Status == 0 {
		// The documented way to break a connection off without an answer.
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), failure.Header)
	w.WriteHeader(failure.Status)
	_, _ = io.WriteString(w, failure.Body)
}

func (i *Injector) record(r *http.Request) (Failure, bool) {
	call := Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Write: !i.reads(r), At: time.Now()}
	if i.operation != nil {
		call.Operation = i.operation(r)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, call)
	for k, waiting := range i.armed {
		if waiting.due(len(i.calls), call) {
			i.armed = slices.Delete(i.armed, k, k+1)
			return waiting.failure, true
		}
	}
	return Failure{}, false
}

func (i *Injector) reads(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return i.isRead != nil && i.isRead(r)
}

// discard takes an answer that nobody gets.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header            { return d.header }
func (d *discard) Write(text []byte) (int, error) { return len(text), nil }
func (d *discard) WriteHeader(int)                {}
