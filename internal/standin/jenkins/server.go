// Package jenkins is an in-process server that speaks the part of Jenkins' remote access API that integrations use: jobs,
// their builds and crumbs. Paths, fields, status codes and rules are those of Jenkins (its Remote Access API and CSRF
// protection), so that a client that works here works there.
package jenkins

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Estate is what an instance has, as a case writes it down.
type Estate struct {
	// Users are passwords by the names of accounts.
	Users map[string]string `json:"users,omitempty"`
	// Jobs by their names; one in a folder is "folder/job/name".
	Jobs map[string]*Job `json:"jobs,omitempty"`
	// NoCrumbs says that the instance wants no crumbs.
	NoCrumbs bool `json:"noCrumbs,omitempty"`
}

// Job is one job.
type Job struct {
	// Builds is how many there were.
	Builds int `json:"builds,omitempty"`
	// Busy jobs have no room for a build: one that is asked for waits in the queue.
	Busy   bool `json:"busy,omitempty"`
	Queued bool `json:"queued,omitempty"`
	// Disabled jobs are not built. Those with parameters are not built without them.
	Disabled   bool `json:"disabled,omitempty"`
	Parameters bool `json:"parameters,omitempty"`
}

// ParseEstate reads an estate from YAML; nothing is an instance without jobs. An unknown key is an error.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("jenkins estate: %w", err)
	}
	return estate, nil
}

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	estate   Estate
	sessions int
}

// New returns a server that takes the estate over.
func New(estate Estate) *Server { return &Server{estate: estate} }

// Dump returns the estate as it is now, in YAML.
func (s *Server) Dump() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return yaml.Marshal(s.estate)
}

// ServeHTTP answers the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("X-Jenkins", "2.452.3")
	user, password, given := r.BasicAuth()
	if known, found := s.estate.Users[user]; !given || !found || known != password {
		w.Header().Set("WWW-Authenticate", `Basic realm="Jenkins"`)
		page(w, http.StatusUnauthorized, "Invalid password/token for user: "+user)
		return
	}
	below, isJob := strings.CutPrefix(r.URL.Path, "/job/")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/crumbIssuer/api/json" && !s.estate.NoCrumbs:
		s.issue(w)
	case isJob && r.Method == http.MethodGet && strings.HasSuffix(below, "/api/json"):
		s.look(w, strings.TrimSuffix(below, "/api/json"))
	case isJob && strings.HasSuffix(below, "/build"):
		s.build(w, r, strings.TrimSuffix(below, "/build"))
	default:
		page(w, http.StatusNotFound, "Not Found")
	}
}

const (
	session = "JSESSIONID.1a2b3c4d"
	field   = "Jenkins-Crumb"
)

// issue begins a session and gives its crumb.
func (s *Server) issue(w http.ResponseWriter) {
	s.sessions++
	id := strconv.Itoa(s.sessions)
	http.SetCookie(w, &http.Cookie{Name: session, Value: id, Path: "/", HttpOnly: true})
	answer(w, map[string]any{"_class": "hudson.security.csrf.DefaultCrumbIssuer", "crumb": crumbOf(id), "crumbRequestField": field})
}

func crumbOf(id string) string { return "crumb-of-" + id }

func (s *Server) look(w http.ResponseWriter, name string) {
	job := s.estate.Jobs[name]
	if job == nil {
		page(w, http.StatusNotFound, "Not Found")
		return
	}
	answer(w, map[string]any{"_class": "hudson.model.FreeStyleProject", "inQueue": job.Queued, "nextBuildNumber": job.Builds + 1})
}

func (s *Server) build(w http.ResponseWriter, r *http.Request, name string) {
	job := s.estate.Jobs[name]
	begun, err := r.Cookie(session)
	switch {
	case r.Method != http.MethodPost:
		page(w, http.StatusMethodNotAllowed, "You must use POST method to trigger builds.")
	case !s.estate.NoCrumbs && (err != nil || r.Header.Get(field) != crumbOf(begun.Value)):
		page(w, http.StatusForbidden, "No valid crumb was included in the request")
	case job == nil:
		page(w, http.StatusNotFound, "Not Found")
	case job.Disabled:
		page(w, http.StatusConflict, name+" is not buildable")
	case job.Parameters:
		page(w, http.StatusBadRequest, "This page expects a form submission but had only {}")
	default:
		if job.Busy {
			job.Queued = true
		} else {
			job.Builds++
		}
		w.Header().Set("Location", "http://"+r.Host+"/queue/item/1/")
		w.WriteHeader(http.StatusCreated)
	}
}

func answer(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(body)
}

// page is one of Jenkins' pages for errors.
func page(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/html;charset=iso-8859-1")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html>\n<head>\n<title>Error %d %s</title>\n</head>\n<body><h2>HTTP ERROR %d %s</h2>\n<hr/><a href=\"https://jetty.org/\">Powered by Jetty:// 10.0.20</a><hr/>\n</body>\n</html>\n",
		status, message, status, message)
}
