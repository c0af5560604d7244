package quay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
)

// response is a status with its JSON body; no body where it is nil.
type response struct {
	status int
	body   any
}

type object map[string]any

var done = response{status: http.StatusNoContent}

// notFoundPage is what the web framework says where Quay itself says nothing.
var notFoundPage = response{http.StatusNotFound, object{
	"message": "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
}}

func (r response) write(w http.ResponseWriter) {
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(r.body)
}

// problem is an error that the API raises on purpose (application/problem+json, RFC 7807, with two older fields).
func problem(status int, kind, detail string) response {
	return response{status, object{
		"detail": detail, "error_message": detail, "error_type": kind, "title": kind,
		"type": "https://quay.example.com/api/v1/error/" + kind, "status": status,
	}}
}

func notFound() response { return problem(http.StatusNotFound, "not_found", "Not Found") }

// refusal is an error of the data model behind the API, always 400.
func refusal(message string) response {
	return response{http.StatusBadRequest, object{"message": message}}
}

func avatar(name, kind string) object {
	digest := sha256.Sum256([]byte(kind + name))
	return object{"name": name, "hash": hex.EncodeToString(digest[:]), "color": "#1f77b4", "kind": kind}
}
