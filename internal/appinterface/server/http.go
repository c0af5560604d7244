package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Handler returns the endpoints of qontract-server: /graphql and /graphqlsha/<sha> (GET and POST), /sha256,
// /git-commit[/<sha>], /git-commit-info[/<sha>], /diff/<old>/<new>[/<type>/<path>], /reload (POST), /cache, /healthz
// and /metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.Handle(method+" /graphql", s.latest(s.graphql))
		mux.Handle(method+" /graphqlsha/{sha}", s.pinned("sha", s.store.get, s.graphql))
	}
	mux.Handle("GET /sha256", s.latest(func(w http.ResponseWriter, _ *http.Request, b *Bundle) { writeText(w, http.StatusOK, b.sha) }))
	mux.Handle("GET /git-commit", s.latest(gitCommit))
	mux.Handle("GET /git-commit/{sha}", s.pinned("sha", s.store.peek, gitCommit))
	mux.Handle("GET /git-commit-info", s.latest(gitCommitInfo))
	mux.Handle("GET /git-commit-info/{sha}", s.pinned("sha", s.store.peek, gitCommitInfo))
	mux.HandleFunc("GET /diff/{base}/{head}", s.diff)
	mux.HandleFunc("GET /diff/{base}/{head}/{type}", s.diffFile)
	mux.HandleFunc("GET /diff/{base}/{head}/{type}/{path...}", s.diffFile)
	mux.HandleFunc("POST /reload", s.reload)
	mux.HandleFunc("GET /cache", s.cache)
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /{$}", http.RedirectHandler("/graphql", http.StatusFound))
	return s.metrics.measure(mux)
}

type bundleHandler func(http.ResponseWriter, *http.Request, *Bundle)

// latest serves the latest bundle, and 503 before the first is loaded.
func (s *Server) latest(next bundleHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := s.store.current()
		if b == nil {
			writeText(w, http.StatusServiceUnavailable, "No loaded data.")
			return
		}
		next(w, r, b)
	})
}

// pinned serves the bundle that the path names, and 404 where it is unknown or expired.
func (s *Server) pinned(name string, find func(string) *Bundle, next bundleHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := find(r.PathValue(name)); b != nil {
			next(w, r, b)
			return
		}
		bundleNotFound(w, r.PathValue(name))
	})
}

func bundleNotFound(w http.ResponseWriter, sha string) {
	writeText(w, http.StatusNotFound, fmt.Sprintf("Bundle %s not found", sha))
}

func (s *Server) graphql(w http.ResponseWriter, r *http.Request, b *Bundle) {
	query, refusal := readQuery(w, r)
	if refusal != nil {
		writeJSONResponse(w, refusal.Status, refusal)
		return
	}
	answer := b.Execute(r.Context(), query)
	writeJSONResponse(w, answer.Status, answer)
}

func gitCommit(w http.ResponseWriter, _ *http.Request, b *Bundle) {
	writeText(w, http.StatusOK, b.commit)
}

func gitCommitInfo(w http.ResponseWriter, _ *http.Request, b *Bundle) {
	writeJSONResponse(w, http.StatusOK, struct {
		Commit    string `json:"commit,omitempty"`
		Timestamp string `json:"timestamp,omitempty"`
	}{b.commit, b.timestamp})
}

// compared returns the two bundles of a diff, or answers 404 and returns false.
func (s *Server) compared(w http.ResponseWriter, r *http.Request) (base, head *Bundle, ok bool) {
	for _, side := range []struct {
		name   string
		bundle **Bundle
	}{{"base", &base}, {"head", &head}} {
		if *side.bundle = s.store.peek(r.PathValue(side.name)); *side.bundle == nil {
			bundleNotFound(w, r.PathValue(side.name))
			return nil, nil, false
		}
	}
	return base, head, true
}

func (s *Server) diff(w http.ResponseWriter, r *http.Request) {
	if base, head, ok := s.compared(w, r); ok {
		writeJSONResponse(w, http.StatusOK, Compare(base, head))
	}
}

func (s *Server) diffFile(w http.ResponseWriter, r *http.Request) {
	base, head, ok := s.compared(w, r)
	if !ok {
		return
	}
	path := "/" + r.PathValue("path")
	kind := r.PathValue("type")
	switch kind {
	case "datafile":
		before, after := base.datafiles[path], head.datafiles[path]
		if before == nil && after == nil {
			writeText(w, http.StatusNotFound, "datafile not found")
			return
		}
		writeJSONResponse(w, http.StatusOK, datafileDiff(path, before, after))
	case "resourcefile":
		before, after := base.resources[path], head.resources[path]
		if before == nil && after == nil {
			writeText(w, http.StatusNotFound, "resourcefile not found")
			return
		}
		writeJSONResponse(w, http.StatusOK, ResourceDiff{Path: path, Old: before, New: after})
	default:
		writeText(w, http.StatusBadRequest, "unknown filetype "+kind)
	}
}

// reload answers 503 with the report where the new bundle is broken. The first line is qontract-server's.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	if _, err := s.Reload(r.Context()); err != nil {
		writeText(w, http.StatusServiceUnavailable, "error parsing bundle, not replacing\n"+err.Error())
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (s *Server) cache(w http.ResponseWriter, _ *http.Request) {
	entries := s.store.list()
	shas := make([]string, len(entries))
	for i := range entries {
		shas[i] = entries[i].SHA
	}
	writeJSONResponse(w, http.StatusOK, map[string]any{
		"bundleCache": entries, "bundles": shas, "routerStack": len(shas), "searchableFields": shas,
	})
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func writeJSONResponse(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
}
