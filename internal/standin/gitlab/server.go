// Package gitlab is an in-process server that speaks the part of GitLab's REST API, version 4, that merge requests are
// made with and commits are read by: the current user, projects, branches, commits, files, merge requests and comments. Paths, bodies, status
// codes and rules are those of GitLab's published API (docs.gitlab.com/api) and of its server, so that a client that
// works here works there.
package gitlab

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu        sync.Mutex
	instances map[string]*instance
}

// instance is one GitLab at work.
type instance struct {
	name     string
	users    map[string]User
	projects map[string]*project
	throttle Throttle
}

// New returns a server with a copy of the estate.
func New(estate Estate) *Server {
	s := &Server{instances: map[string]*instance{}}
	for name, from := range estate.Instances {
		in := &instance{name: name, users: map[string]User{}, projects: map[string]*project{}}
		for user, account := range from.Users {
			in.users[user] = account
		}
		if from.Throttle != nil {
			in.throttle = *from.Throttle
		}
		for path, settings := range from.Projects {
			in.projects[path] = newProject(path, settings.clone())
		}
		s.instances[name] = in
	}
	return s
}

// Dump returns the estate as it is now, with every list sorted.
func (s *Server) Dump() Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	estate := Estate{Instances: map[string]Instance{}}
	for name, in := range s.instances {
		dumped := Instance{Users: map[string]User{}, Projects: map[string]Project{}}
		for user, account := range in.users {
			dumped.Users[user] = account
		}
		for path, p := range in.projects {
			dumped.Projects[path] = p.dump()
		}
		estate.Instances[name] = dumped
	}
	return estate
}

// Throttle answers the next requests to an instance with 429. Zero seconds send no Retry-After header.
func (s *Server) Throttle(instance string, throttle Throttle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.instances[instance]; ok {
		found.throttle = throttle
	}
}

// Handler serves every instance under /INSTANCE/api/v4, and the only one, where there is but one, under /api/v4 too.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	const api = "/{instance}/api/v4"
	const project = api + "/projects/{project}"
	const requests = project + "/merge_requests"
	mux.Handle("GET "+api+"/user", s.authenticated(currentUser))
	for pattern, route := range map[string]struct {
		needs  int
		handle func(*call) response
	}{
		"GET " + project: {guest, getProject},
		"GET " + project + "/repository/branches":             {reporter, listBranches},
		"POST " + project + "/repository/branches":            {developer, createBranch},
		"GET " + project + "/repository/branches/{branch}":    {reporter, getBranch},
		"DELETE " + project + "/repository/branches/{branch}": {developer, deleteBranch},
		"POST " + project + "/repository/commits":             {developer, createCommit},
		"GET " + project + "/repository/commits/{sha}":        {reporter, getCommit},
		"GET " + project + "/repository/tree":                 {reporter, listTree},
		"GET " + project + "/repository/files/{file}":         {reporter, getFile},
		"GET " + project + "/repository/files/{file}/raw":     {reporter, getRawFile},
		"GET " + requests:                            {reporter, listMergeRequests},
		"POST " + requests:                           {developer, createMergeRequest},
		"GET " + requests + "/{iid}":                 {reporter, getMergeRequest},
		"PUT " + requests + "/{iid}":                 {developer, updateMergeRequest},
		"GET " + requests + "/{iid}/diffs":           {reporter, listDiffs},
		"GET " + requests + "/{iid}/notes":           {reporter, listNotes},
		"POST " + requests + "/{iid}/notes":          {reporter, createNote},
		"DELETE " + requests + "/{iid}/notes/{note}": {reporter, deleteNote},
		"GET " + requests + "/{iid}/pipelines":       {reporter, listPipelines},
		"GET " + project + "/repository/compare":     {reporter, compare},
		"GET " + project + "/repository/merge_base":  {reporter, mergeBase},
	} {
		mux.Handle(pattern, s.inProject(route.needs, route.handle))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { noRoute.write(w) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if only, ok := s.only(); ok && strings.HasPrefix(r.URL.Path, "/api/v4/") {
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
	for name := range s.instances {
		return name, len(s.instances) == 1
	}
	return "", false
}

// call is one request, with the estate locked.
type call struct {
	*http.Request
	instance *instance
	user     string
	// project is nil where the path names none; access is the caller's level in it.
	project *project
	access  int
}

// authenticated serves whoever has a token.
func (s *Server) authenticated(handle func(*call) response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		in, ok := s.admit(w, r)
		if !ok {
			return
		}
		user, account, ok := in.caller(r)
		switch {
		case !ok:
			unauthorized.write(w)
		case account.ReadOnly && r.Method != http.MethodGet && r.Method != http.MethodHead:
			insufficientScope.write(w)
		default:
			handle(&call{Request: r, instance: in, user: user}).write(w)
		}
	})
}

// inProject serves who has the access that a route needs. A project that the caller may not see is not found.
func (s *Server) inProject(needs int, handle func(*call) response) http.Handler {
	return s.authenticated(func(c *call) response {
		found := c.instance.find(c.PathValue("project"))
		if found == nil {
			return notFound("Project")
		}
		c.project, c.access = found, accessLevels[found.Members[c.user]]
		if found.Public && c.access < reporter {
			c.access = reporter
		}
		switch {
		case c.access == 0:
			return notFound("Project")
		case c.access < needs:
			return forbidden
		}
		return handle(c)
	})
}

// caller finds whose token a request carries, in either of the headers that GitLab takes it from.
func (in *instance) caller(r *http.Request) (string, User, bool) {
	token := r.Header.Get("Private-Token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && token == "" {
		token = bearer
	}
	for name, account := range in.users {
		if token != "" && account.Token == token {
			return name, account, true
		}
	}
	return "", User{}, false
}

// find takes the number or the path of a project.
func (in *instance) find(name string) *project {
	if found, ok := in.projects[name]; ok {
		return found
	}
	for _, p := range in.projects {
		if strconv.FormatInt(p.ID, 10) == name {
			return p
		}
	}
	return nil
}

// admit finds the instance, and turns the request away while it throttles.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (*instance, bool) {
	in, ok := s.instances[r.PathValue("instance")]
	if !ok {
		noRoute.write(w)
		return nil, false
	}
	if in.throttle.Requests <= 0 {
		return in, true
	}
	in.throttle.Requests--
	if in.throttle.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(in.throttle.RetryAfter))
	}
	w.Header().Set("RateLimit-Limit", "60")
	w.Header().Set("RateLimit-Remaining", "0")
	// The limiter stands before the API and answers in plain text.
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = io.WriteString(w, "Retry later\n")
	return nil, false
}
