package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// refusal is an answer that the virtual cluster gives by itself, in the form of the API server's own: a meta/v1 Status.
type refusal struct {
	status  int
	reason  string
	message string
}

func (r refusal) Error() string { return r.message }

func badRequest(format string, args ...any) error {
	return refusal{http.StatusBadRequest, "BadRequest", fmt.Sprintf(format, args...)}
}

func notServed() error {
	return refusal{http.StatusNotFound, "NotFound", "the server could not find the requested resource"}
}

// refuse answers with the refusal that err is, or says that the server behind failed.
func refuse(w http.ResponseWriter, err error) {
	answer := refusal{http.StatusBadGateway, "ServiceUnavailable", "the API server behind the virtual cluster: " + err.Error()}
	_ = errors.As(err, &answer)
	body, err := json.Marshal(map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure",
		"message": answer.message, "reason": answer.reason, "code": answer.status,
	})
	if err != nil {
		http.Error(w, answer.message, answer.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.status)
	_, _ = w.Write(body)
}
