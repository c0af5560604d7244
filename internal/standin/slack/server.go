// Package slack is an in-process server that speaks the part of Slack's Web API that integrations and notifications use:
// messages, channels, users and usergroups. Methods, arguments, answers, error codes, scopes and pages are those of Slack's
// reference of methods (docs.slack.dev/reference/methods), so that a client that works here works there.
package slack

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	estate   Estate
	throttle map[string]*Throttle
	// posted numbers messages, and made usergroups.
	posted, made int
}

// New returns a server with a copy of the estate.
func New(estate Estate) *Server {
	return &Server{estate: estate.clone(), throttle: map[string]*Throttle{}}
}

// Dump returns the estate as it is now, with every list but those of messages sorted.
func (s *Server) Dump() Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estate.clone().sorted()
}

// Throttle answers the next calls of a method with 429.
func (s *Server) Throttle(method string, throttle Throttle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle[method] = &throttle
}

// method is one of the API: what a token needs for it, and what it does. It returns an answer or the code of an error.
type method struct {
	name, scope string
	writes      bool
	call        func(*call) (object, string)
}

func methods() []method {
	return []method{
		{"auth.test", "", false, authTest},
		{"chat.postMessage", "chat:write", true, postMessage},
		{"conversations.history", "channels:history", false, conversationHistory},
		{"conversations.info", "channels:read", false, conversationInfo},
		{"conversations.join", "channels:join", true, joinConversation},
		{"conversations.list", "channels:read", false, listConversations},
		{"usergroups.create", "usergroups:write", true, createUsergroup},
		{"usergroups.list", "usergroups:read", false, listUsergroups},
		{"usergroups.update", "usergroups:write", true, updateUsergroup},
		{"usergroups.users.update", "usergroups:write", true, updateUsers},
		{"users.list", "users:read", false, listUsers},
		{"users.lookupByEmail", "users:read.email", false, lookupByEmail},
	}
}

// path is where the methods are.
const path = "/api/"

// Operation is the method that a request calls.
func Operation(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, path) }

// IsRead says whether a request calls a method that changes nothing.
func IsRead(r *http.Request) bool {
	return !slices.ContainsFunc(methods(), func(m method) bool { return m.writes && m.name == Operation(r) })
}

type object map[string]any

// call is one request, with the estate locked.
type call struct {
	server    *Server
	workspace *Workspace
	app       App
	args      url.Values
}

// ServeHTTP answers /api/METHOD.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	operation := Operation(r)
	if t := s.throttle[operation]; t != nil && t.Requests > 0 {
		t.Requests--
		if t.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(t.RetryAfter))
		}
		answer(w, http.StatusTooManyRequests, refusal("ratelimited"))
		return
	}
	at := slices.IndexFunc(methods(), func(m method) bool { return m.name == operation })
	if at < 0 {
		answer(w, http.StatusOK, object{"ok": false, "error": "unknown_method", "req_method": operation})
		return
	}
	answer(w, http.StatusOK, s.serve(r, methods()[at]))
}

func (s *Server) serve(r *http.Request, m method) object {
	args, code := arguments(r)
	if code != "" {
		return refusal(code)
	}
	c := &call{server: s, args: args}
	if code := c.authenticate(token(r, args)); code != "" {
		return refusal(code)
	}
	if m.scope != "" && c.app.Scopes != nil && !slices.Contains(c.app.Scopes, m.scope) {
		refused := refusal("missing_scope")
		refused["needed"], refused["provided"] = m.scope, strings.Join(c.app.Scopes, ",")
		return refused
	}
	body, code := m.call(c)
	if code != "" {
		return refusal(code)
	}
	body["ok"] = true
	return body
}

// arguments reads those of the query, of a form or of a JSON object.
func arguments(r *http.Request) (url.Values, string) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/json" {
		if err := r.ParseForm(); err != nil {
			return nil, "invalid_form_data"
		}
		return r.Form, ""
	}
	var fields map[string]any
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		return nil, "invalid_json"
	}
	args := r.URL.Query()
	for name, value := range fields {
		switch value := value.(type) {
		case string:
			args.Set(name, value)
		case bool:
			args.Set(name, strconv.FormatBool(value))
		case float64:
			args.Set(name, strconv.FormatFloat(value, 'f', -1, 64))
		default:
			return nil, "invalid_arguments"
		}
	}
	return args, ""
}

func token(r *http.Request, args url.Values) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	return args.Get("token")
}

func (c *call) authenticate(token string) string {
	if token == "" {
		return "not_authed"
	}
	for _, workspace := range c.server.estate.Workspaces {
		if app, ok := workspace.Apps[token]; ok {
			c.workspace, c.app = workspace, app
			return ""
		}
	}
	return "invalid_auth"
}

func refusal(code string) object { return object{"ok": false, "error": code} }

func answer(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func authTest(c *call) (object, string) { return object{"user": c.app.Name}, "" }
