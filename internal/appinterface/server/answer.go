package server

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Query is one GraphQL request.
type Query struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName,omitempty"`
	Variables     map[string]any `json:"variables,omitempty"`
}

// Answer is the answer to a Query, in the shape of a GraphQL response.
type Answer struct {
	// Data is absent where the query was not executed.
	Data       *map[string]any `json:"data,omitempty"`
	Errors     []Error         `json:"errors,omitempty"`
	Extensions Extensions      `json:"extensions"`
	// Status is the HTTP status of the answer: 200 for a query that was executed, even with errors.
	Status int `json:"-"`
}

// Extensions accompany every answer.
type Extensions struct {
	// Schemas lists the $schema of every datafile and resource that was read for the answer.
	Schemas []string `json:"schemas"`
}

// Error is an error of a query.
type Error struct {
	Message    string         `json:"message"`
	Locations  []Location     `json:"locations,omitempty"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// Location is a place in the query; both count from one.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Codes of errors, as Apollo names them.
const (
	codeParse      = "GRAPHQL_PARSE_FAILED"
	codeValidation = "GRAPHQL_VALIDATION_FAILED"
	codeOperation  = "OPERATION_RESOLUTION_FAILURE"
	codeInput      = "BAD_USER_INPUT"
	codeRequest    = "BAD_REQUEST"
	codeInternal   = "INTERNAL_SERVER_ERROR"
)

// refuse is the answer to a query that is not executed.
func refuse(code string, errs ...error) Answer {
	answer := Answer{Status: http.StatusBadRequest, Extensions: Extensions{Schemas: []string{}}}
	for _, err := range errs {
		out := Error{Message: err.Error(), Extensions: map[string]any{"code": code}}
		var located *gqlerror.Error
		if errors.As(err, &located) {
			out.Message = located.Message
			for _, place := range located.Locations {
				out.Locations = append(out.Locations, Location{place.Line, place.Column})
			}
		}
		answer.Errors = append(answer.Errors, out)
	}
	return answer
}

// message is an error whose text qontract-server's clients know, capital letters included.
type message string

func (m message) Error() string { return string(m) }

func messagef(format string, args ...any) error { return message(fmt.Sprintf(format, args...)) }

// pruneMap removes empty objects from lists, however deep: they stand for elements of an interface of which the
// query asked nothing. It changes the answer in place.
func pruneMap(data map[string]any) {
	for key, value := range data {
		data[key] = prune(value)
	}
}

func prune(value any) any {
	switch v := value.(type) {
	case map[string]any:
		pruneMap(v)
	case []any:
		kept := v[:0]
		for _, element := range v {
			if o, ok := element.(map[string]any); ok && len(o) == 0 {
				continue
			}
			kept = append(kept, prune(element))
		}
		return kept
	}
	return value
}
