// Package fault stands before any server that tests run in-process. It records the calls that arrive and makes one of them
// fail, so that a case can be run with each remote call failing once, and so that a dry run can be held to writing nothing.
package fault

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
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
	// Write is false for what leaves the server unchanged.
	Write bool
}

// Injector is an http.Handler. It is safe for concurrent use.
type Injector struct {
	next   http.Handler
	isRead func(*http.Request) bool

	mu       sync.Mutex
	calls    []Call
	failures map[int]Failure
}

// New returns an injector before next that fails nothing. GET, HEAD and OPTIONS are reads; the optional isRead recognises
// others, such as a query sent by POST. It must not consume the request's body.
func New(next http.Handler, isRead func(*http.Request) bool) *Injector {
	return &Injector{next: next, isRead: isRead, failures: map[int]Failure{}}
}

// FailNth lets the n-th call since the last Reset fail, counted from 1. Each failure happens once.
func (i *Injector) FailNth(n int, failure Failure) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.failures[n] = failure
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
	i.calls, i.failures = nil, map[int]Failure{}
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
	call := Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Write: !i.reads(r)}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, call)
	failure, fails := i.failures[len(i.calls)]
	return failure, fails
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
