// Package prometheus is an in-process server that speaks the part of Prometheus' HTTP API that integrations use: instant
// queries, with a login by OpenID Connect's client credentials beside it. It evaluates nothing: an estate has the answers
// to the expressions that it knows, and what it does not know has no series, as with Prometheus.
package prometheus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Estate is what a server has, as a case writes it down.
type Estate struct {
	// Tokens may ask. Clients are secrets by client IDs, with which one gets such a token.
	Tokens  []string          `json:"tokens,omitempty"`
	Clients map[string]string `json:"clients,omitempty"`
	// Answers are the labels of the series that an expression has, each with the value 1.
	Answers map[string][]map[string]string `json:"answers,omitempty"`
	// Broken are expressions that cannot be evaluated, with Prometheus' reason.
	Broken map[string]string `json:"broken,omitempty"`
}

// ParseEstate reads an estate from YAML. An unknown key is an error.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("prometheus estate: %w", err)
	}
	return estate, nil
}

// Server serves an estate. It is safe for concurrent use.
type Server struct {
	mu     sync.Mutex
	estate Estate
	given  map[string]bool
}

// New returns a server that takes the estate over.
func New(estate Estate) *Server {
	s := &Server{estate: estate, given: map[string]bool{}}
	for _, token := range estate.Tokens {
		s.given[token] = true
	}
	return s
}

// Dump returns the estate in YAML.
func (s *Server) Dump() ([]byte, error) { return yaml.Marshal(s.estate) }

// IsRead says whether a request changes nothing though it is a POST: a login.
func IsRead(r *http.Request) bool { return r.URL.Path == "/token" }

// ServeHTTP answers queries at any path that ends in /query, and logins at /token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case IsRead(r):
		s.logIn(w, r)
	case !s.given[token]:
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/query"):
		s.query(w, r.URL.Query().Get("query"))
	default:
		http.Error(w, "404 page not found", http.StatusNotFound)
	}
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("client_id")
	if s.estate.Clients[id] == "" || s.estate.Clients[id] != r.PostFormValue("client_secret") {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials"})
		return
	}
	token := "token-of-" + id
	s.given[token] = true
	answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 300})
}

func (s *Server) query(w http.ResponseWriter, expression string) {
	if reason := s.estate.Broken[expression]; reason != "" {
		answer(w, http.StatusUnprocessableEntity, map[string]any{"status": "error", "errorType": "execution", "error": reason})
		return
	}
	result := []any{}
	for _, labels := range s.estate.Answers[expression] {
		result = append(result, map[string]any{"metric": labels, "value": []any{1435781451.781, "1"}})
	}
	answer(w, http.StatusOK, map[string]any{"status": "success", "data": map[string]any{"resultType": "vector", "result": result}})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
