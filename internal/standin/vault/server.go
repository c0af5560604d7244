// Package vault is a small stand-in for Vault, for machines that have none: the demonstration's, where building the real
// one would take minutes. It lets AppRoles in, and keeps secrets of KV v1 and KV v2 in memory. Policies are not enforced.
// Tests use real Vaults.
package vault

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

// Server is an http.Handler that is safe for concurrent use.
type Server struct {
	roles map[string]vault.Role

	mu     sync.Mutex
	tokens map[string]bool
	mounts map[string]mount
}

type mount struct {
	kv int
	// secrets are by path the versions, the first of which is 1. KV v1 has one.
	secrets map[string][]map[string]any
}

// New returns a Vault with an estate.
func New(text []byte) (*Server, error) {
	estate, err := vault.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	s := &Server{roles: estate.Roles, tokens: map[string]bool{}, mounts: map[string]mount{}}
	for name, from := range estate.Mounts {
		to := mount{kv: from.Version, secrets: map[string][]map[string]any{}}
		for path, content := range from.Secrets {
			if from.Version == 1 {
				to.secrets[path] = []map[string]any{content}
				continue
			}
			for n := 1; n <= len(content); n++ {
				version, ok := content[strconv.Itoa(n)].(map[string]any)
				if !ok {
					return nil, fmt.Errorf("estate: secret %s/%s: this stand-in wants all versions from 1 on, and version %d has no fields", name, path, n)
				}
				to.secrets[path] = append(to.secrets[path], version)
			}
		}
		s.mounts[name] = to
	}
	return s, nil
}

// Dump returns all secrets that there are, as an estate has them.
func (s *Server) Dump() vault.Estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	estate := vault.Estate{Mounts: map[string]vault.Mount{}, Roles: maps.Clone(s.roles)}
	for name, from := range s.mounts {
		to := vault.Mount{Version: from.kv, Secrets: map[string]map[string]any{}}
		for path, versions := range from.secrets {
			to.Secrets[path] = versions[len(versions)-1]
			if from.kv == 2 {
				to.Secrets[path] = map[string]any{}
				for i, version := range versions {
					to.Secrets[path][strconv.Itoa(i+1)] = version
				}
			}
		}
		estate.Mounts[name] = to
	}
	return estate
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, versioned := strings.CutPrefix(r.URL.Path, "/v1/")
	switch {
	case !versioned:
		refuse(w, http.StatusNotFound)
	case path == "auth/approle/login":
		s.login(w, r)
	case !s.tokens[r.Header.Get("X-Vault-Token")]:
		refuse(w, http.StatusForbidden, "permission denied")
	case strings.HasPrefix(path, "sys/internal/ui/mounts/"):
		s.describe(w, strings.TrimPrefix(path, "sys/internal/ui/mounts/"))
	default:
		name, rest, _ := strings.Cut(path, "/")
		at, known := s.mounts[name]
		data, isData := strings.CutPrefix(rest, "data/")
		switch {
		case !known, at.kv == 2 && !isData:
			refuse(w, http.StatusNotFound)
		case at.kv == 1 && r.Method == http.MethodGet:
			at.read(w, rest, "")
		case r.Method == http.MethodGet:
			at.read(w, data, r.URL.Query().Get("version"))
		case at.kv == 2 && (r.Method == http.MethodPut || r.Method == http.MethodPost):
			at.write(w, r, data)
		default:
			refuse(w, http.StatusMethodNotAllowed, "unsupported operation")
		}
	}
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var given struct {
		RoleID   string `json:"role_id"`
		SecretID string `json:"secret_id"`
	}
	err := json.NewDecoder(r.Body).Decode(&given)
	if err != nil || !slices.ContainsFunc(slices.Collect(maps.Values(s.roles)), func(role vault.Role) bool {
		return role.RoleID == given.RoleID && role.SecretID == given.SecretID
	}) {
		refuse(w, http.StatusBadRequest, "invalid role or secret ID")
		return
	}
	token := rand.Text()
	s.tokens[token] = true
	answer(w, map[string]any{"auth": map[string]any{"client_token": token, "renewable": false, "lease_duration": 0}})
}

func (s *Server) describe(w http.ResponseWriter, path string) {
	name, _, _ := strings.Cut(path, "/")
	at, known := s.mounts[name]
	if !known {
		refuse(w, http.StatusForbidden, "preflight capability check returned 403")
		return
	}
	answer(w, map[string]any{"data": map[string]any{"type": "kv", "path": name + "/", "options": map[string]any{"version": strconv.Itoa(at.kv)}}})
}

func (m mount) read(w http.ResponseWriter, path, version string) {
	versions := m.secrets[path]
	number := len(versions)
	if wanted, err := strconv.Atoi(version); err == nil && wanted > 0 {
		number = wanted
	}
	switch {
	case number == 0 || number > len(versions):
		refuse(w, http.StatusNotFound)
	case m.kv == 1:
		answer(w, map[string]any{"data": versions[0]})
	default:
		answer(w, map[string]any{"data": map[string]any{"data": versions[number-1], "metadata": map[string]any{"version": number}}})
	}
}

func (m mount) write(w http.ResponseWriter, r *http.Request, path string) {
	var given struct {
		Data    map[string]any `json:"data"`
		Options struct {
			CAS *int `json:"cas"`
		} `json:"options"`
	}
	versions := m.secrets[path]
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil || given.Data == nil {
		refuse(w, http.StatusBadRequest, "no data provided")
		return
	}
	if cas := given.Options.CAS; cas != nil && *cas != len(versions) {
		refuse(w, http.StatusBadRequest, "check-and-set parameter did not match the current version")
		return
	}
	m.secrets[path] = append(versions, given.Data)
	answer(w, map[string]any{"data": map[string]any{"version": len(versions) + 1}})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, errors ...string) {
	w.WriteHeader(status)
	answer(w, map[string]any{"errors": append([]string{}, errors...)})
}
