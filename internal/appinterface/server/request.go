package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// maxBody bounds a GraphQL request's body, in bytes.
const maxBody = 1 << 20

// readQuery takes a query from the URL of a GET or the JSON body of a POST.
func readQuery(w http.ResponseWriter, r *http.Request) (Query, *Answer) {
	var query Query
	bad := func(status int, err error) (Query, *Answer) {
		refusal := refuse(codeRequest, err)
		refusal.Status = status
		return query, &refusal
	}
	if r.Method == http.MethodGet {
		values := r.URL.Query()
		query.Query, query.OperationName = values.Get("query"), values.Get("operationName")
		if text := values.Get("variables"); text != "" {
			if err := json.Unmarshal([]byte(text), &query.Variables); err != nil {
				return bad(http.StatusBadRequest, errors.New("the variables parameter must be a JSON object"))
			}
		}
	} else {
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			return bad(http.StatusBadRequest, errors.New("the body must be sent as Content-Type: application/json"))
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return bad(http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d bytes", tooLarge.Limit))
		case err != nil:
			return bad(http.StatusBadRequest, fmt.Errorf("read body: %w", err))
		}
		if err := json.Unmarshal(body, &query); err != nil {
			return bad(http.StatusBadRequest, errors.New("the body must be a JSON object with query, variables and operationName"))
		}
	}
	if query.Query == "" {
		return bad(http.StatusBadRequest, errors.New("the request holds no query"))
	}
	return query, nil
}
