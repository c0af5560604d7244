// Package github is an in-process server that speaks the part of GitHub's REST API that integrations and templates use: the
// commits and contents of repositories. Paths, answers, error bodies, conditional requests and rate limits are those of GitHub's
// reference (docs.github.com/rest), so that a client that works here works there.
package github

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	estate   Estate
	throttle Throttle
	// counted is how many requests counted against the rate limit.
	counted int
}

// New returns a server with a copy of the estate.
func New(estate Estate) *Server { return &Server{estate: estate.clone()} }

// Dump returns the estate as it is now.
func (s *Server) Dump() Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estate.clone()
}

// Edit changes the estate.
func (s *Server) Edit(change func(*Estate)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.estate)
}

// Throttle turns away the next requests.
func (s *Server) Throttle(throttle Throttle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle = throttle
}

// Counted is how many requests counted against the rate limit: those that were not answered with 304.
func (s *Server) Counted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted
}

// IsRead says whether a request changes nothing.
func IsRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// mostRequests is the hourly limit of a token.
const mostRequests = 5000

// ServeHTTP answers the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limited(w) {
		return
	}
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, downloads) {
		s.archive(w, r)
		return
	}
	limit(w.Header(), mostRequests-s.counted-1, time.Hour)
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !ok || !slices.Contains(s.estate.Tokens, token) {
		refuse(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 5)
	if r.Method != http.MethodGet || len(parts) < 4 || parts[0] != "repos" {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	repository, known := s.estate.Repositories[parts[1]+"/"+parts[2]]
	if !known {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	rest := strings.Join(parts[4:], "/")
	switch parts[3] {
	case "contents":
		s.contents(w, r, repository, rest)
	case "commits":
		s.commit(w, r, repository, rest)
	case "compare":
		s.compare(w, r, repository, rest)
	case "tarball":
		s.archiveLink(w, r, parts[1]+"/"+parts[2], repository, rest)
	case "git":
		s.wholeBlob(w, repository, strings.TrimPrefix(rest, "blobs/"))
	default:
		refuse(w, http.StatusNotFound, "Not Found")
	}
}

// limited answers requests that are over a limit.
func (s *Server) limited(w http.ResponseWriter) bool {
	if s.throttle.Requests == 0 {
		return false
	}
	s.throttle.Requests--
	after := time.Duration(s.throttle.RetryAfter) * time.Second
	if s.throttle.Secondary {
		w.Header().Set("Retry-After", strconv.Itoa(s.throttle.RetryAfter))
		refuse(w, http.StatusTooManyRequests, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		return true
	}
	limit(w.Header(), 0, after)
	refuse(w, http.StatusForbidden, "API rate limit exceeded for user ID 1.")
	return true
}

func limit(header http.Header, remaining int, reset time.Duration) {
	header.Set("X-Ratelimit-Limit", strconv.Itoa(mostRequests))
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(remaining))
	header.Set("X-Ratelimit-Reset", strconv.FormatInt(time.Now().Add(reset).Unix(), 10))
}

type object map[string]any

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
