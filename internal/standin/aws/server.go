// Package aws is an in-process server that speaks the parts of AWS that the AWS integrations use: Organizations, IAM,
// STS, Support, Service Quotas, Account, SQS and S3's buckets, each in its own protocol (query with XML, JSON 1.0 and 1.1,
// REST with JSON, REST with XML). Operations, rules, limits and error codes are those of AWS's API references, so that a client that works here
// works there. What AWS does not do at once takes its time here as well.
//
// Requests are signed, and the signature is verified with the SDK's own signer. The date in it is not: it is the
// caller's clock, and a test may have another.
package aws

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	now func() time.Time

	mu       sync.Mutex
	estate   Estate
	sessions map[string]session
	calls    []Call
}

// Call is a request that arrived, for tests.
type Call struct {
	// Service as in the request's signature: organizations, iam, sts, support, servicequotas, account, sqs or s3.
	Service   string
	Operation string
	Region    string
	// Account is the ID of the caller's account; empty where the caller is not known.
	Account string
	// Error is the code of the answer; empty for success.
	Error string
}

// New returns a server with a copy of the estate. Time passes as now says. The SDK compares the end of a session with the
// machine's clock: one that now sets in its past is over for the SDK from the beginning.
func New(estate Estate, now func() time.Time) *Server {
	return &Server{now: now, estate: estate.clone(), sessions: map[string]session{}}
}

// Dump returns the estate as it is now.
func (s *Server) Dump() Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	dumped := s.estate.clone()
	dumped.Throttle = nil
	for _, account := range dumped.Accounts {
		for _, user := range account.Users {
			slices.Sort(user.Policies)
		}
	}
	return dumped
}

// Edit changes the estate, as people and AWS itself do: it resolves a support case or disables a key.
func (s *Server) Edit(change func(*Estate)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.estate)
}

// Throttle turns away the next requests to a service.
func (s *Server) Throttle(service string, throttle Throttle) {
	s.Edit(func(e *Estate) { put(&e.Throttle, service, &throttle) })
}

// Calls returns the requests that arrived, in their order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// maxBody is more than any request needs.
const maxBody = 1 << 20

// ServeHTTP answers one request to any of the services, whatever the host it was sent to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{server: s, estate: &s.estate, now: s.now(), signature: parseSignature(r)}
	c.protocol, c.operation, c.input = ask(r, body, c.signature.service)
	buckets := c.buckets()
	result, refused := c.answer(r, body)
	said := Call{Service: c.signature.service, Operation: c.operation, Region: c.signature.region, Account: c.caller.account}
	if refused != nil {
		said.Error = refused.code
	}
	s.calls = append(s.calls, said)
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.calls))
	if c.protocol == restXML {
		c.writeBuckets(w, r, body, id, buckets, result, refused)
		return
	}
	c.write(w, id, result, refused)
}

// call is one request, with the estate locked.
type call struct {
	server    *Server
	estate    *Estate
	now       time.Time
	signature signature
	protocol  protocol
	operation string
	// input is the request as JSON, whatever the protocol.
	input  []byte
	caller principal
}

// answer admits the caller and carries the operation out.
func (c *call) answer(r *http.Request, body []byte) (object, *refusal) {
	handle, known := operations()[c.signature.service][c.operation]
	if !known && c.signature.service != "" {
		return nil, c.unknownOperation()
	}
	if throttle := c.estate.Throttle[c.signature.service]; throttle != nil && throttle.Requests > 0 {
		throttle.Requests--
		return nil, c.throttled(throttle.RetryAfter)
	}
	if refused := c.authenticate(r, body); refused != nil {
		return nil, refused
	}
	if refused := c.authorize(); refused != nil {
		return nil, refused
	}
	return handle(c)
}

// account returns the caller's account.
func (c *call) account() *Account { return c.estate.Accounts[c.caller.account] }

// begin starts a wait; it is nil where there is nothing to wait for.
func (w Wait) begin(now time.Time) *Pending {
	if w.Calls == 0 && w.Seconds == 0 {
		return nil
	}
	pending := &Pending{Calls: w.Calls}
	if w.Seconds > 0 {
		pending.Until = now.Add(time.Duration(w.Seconds) * time.Second)
	}
	return pending
}

// over says whether the wait is over, and counts the question.
func (p *Pending) over(now time.Time) bool {
	if p == nil {
		return true
	}
	if p.Calls > 0 {
		p.Calls--
		return false
	}
	return !now.Before(p.Until)
}
