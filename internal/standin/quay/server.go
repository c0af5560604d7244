// Package quay is an in-process server that speaks the part of Quay's REST API that the Quay integrations use:
// organisations, teams, members, invitations, robots and users. Paths, bodies, status codes and rules are those of
// Quay's published API (docs.quay.io/api/swagger) and of its server, so that a client that works here works there.
package quay

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu     sync.Mutex
	estate Estate
}

// New returns a server with a copy of the estate.
func New(estate Estate) *Server { return &Server{estate: estate.clone()} }

// Dump returns the estate as it is now, with every list sorted.
func (s *Server) Dump() Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estate.clone().sorted()
}

// Throttle answers the next requests to an instance with 429. Zero seconds send no Retry-After header.
func (s *Server) Throttle(instance string, throttle Throttle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.estate.Instances[instance]
	if !ok {
		return
	}
	found.Throttle = &throttle
	s.estate.Instances[instance] = found
}

// Handler serves every instance under /INSTANCE/api/v1, and the only one, where there is but one, under /api/v1 too.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	const org = "/{instance}/api/v1/organization/{org}"
	mux.Handle("GET /{instance}/api/v1/users/{user}", s.open(getUser))
	mux.Handle("PUT "+org+"/team/{team}", s.administered(putTeam))
	mux.Handle("GET "+org+"/team/{team}/members", s.administered(listMembers))
	mux.Handle("PUT "+org+"/team/{team}/members/{member}", s.administered(putMember))
	mux.Handle("DELETE "+org+"/team/{team}/members/{member}", s.administered(deleteMember))
	mux.Handle("GET "+org+"/members/{member}", s.administered(getOrgMember))
	mux.Handle("DELETE "+org+"/members/{member}", s.administered(deleteOrgMember))
	mux.Handle("GET "+org+"/robots", s.administered(listRobots))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFoundPage.write(w) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if only, ok := s.only(); ok && strings.HasPrefix(r.URL.Path, "/api/v1/") {
			r = r.Clone(r.Context())
			r.URL.Path = "/" + only + r.URL.Path
			if r.URL.RawPath != "" {
				r.URL.RawPath = "/" + only + r.URL.RawPath
			}
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) only() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.estate.Instances {
		return name, len(s.estate.Instances) == 1
	}
	return "", false
}

// call is one request, with the estate locked. A handler changes the estate through the maps of org.
type call struct {
	*http.Request
	instance Instance
	orgName  string
	org      Org
}

// open serves what needs no token.
func (s *Server) open(handle func(*call) response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		instance, ok := s.admit(w, r)
		if !ok {
			return
		}
		handle(&call{Request: r, instance: instance}).write(w)
	})
}

// administered serves what only an administrator of the organisation may do. An organisation that is not there looks
// like one that the token does not administer.
func (s *Server) administered(handle func(*call) response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		instance, ok := s.admit(w, r)
		if !ok {
			return
		}
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !bearer || !instance.knows(token) {
			problem(http.StatusUnauthorized, "invalid_token", "Requires authentication").write(w)
			return
		}
		name := r.PathValue("org")
		org, ok := instance.Orgs[name]
		if !ok || org.Token != token {
			problem(http.StatusForbidden, "insufficient_scope", "Unauthorized").write(w)
			return
		}
		handle(&call{Request: r, instance: instance, orgName: name, org: org}).write(w)
	})
}

// admit finds the instance, and turns the request away while it throttles.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (Instance, bool) {
	instance, ok := s.estate.Instances[r.PathValue("instance")]
	if !ok {
		notFoundPage.write(w)
		return Instance{}, false
	}
	if instance.Throttle == nil || instance.Throttle.Requests <= 0 {
		return instance, true
	}
	instance.Throttle.Requests--
	if instance.Throttle.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(instance.Throttle.RetryAfter))
	}
	// The proxy in front of Quay limits the rate, and answers with a page of its own.
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = io.WriteString(w, "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	return Instance{}, false
}

func (i Instance) knows(token string) bool {
	for _, org := range i.Orgs {
		if org.Token == token && token != "" {
			return true
		}
	}
	return false
}

// robotName returns the account of a robot of the organisation.
func (c *call) robotName(short string) string { return fmt.Sprintf("%s+%s", c.orgName, short) }
