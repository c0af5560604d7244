package gitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// response is a status with its body: JSON, or raw bytes; nothing where both are nil.
type response struct {
	status int
	header http.Header
	body   any
	raw    []byte
}

type object map[string]any

func ok(body any) response { return response{status: http.StatusOK, body: body} }

func created(body any) response { return response{status: http.StatusCreated, body: body} }

// refusal is how the API says no: a status with a message.
func refusal(status int, message any) response {
	return response{status: status, body: object{"message": message}}
}

// invalidParameter is what the API's framework says before GitLab itself sees the request.
func invalidParameter(text string) response {
	return response{status: http.StatusBadRequest, body: object{"error": text}}
}

func notFound(what string) response {
	if what != "" {
		what += " "
	}
	return refusal(http.StatusNotFound, "404 "+what+"Not Found")
}

var (
	unauthorized = refusal(http.StatusUnauthorized, "401 Unauthorized")
	forbidden    = refusal(http.StatusForbidden, "403 Forbidden")
	// insufficientScope has the form of RFC 6750.
	insufficientScope = response{status: http.StatusForbidden, body: object{
		"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.",
		"scope": "api",
	}}
	// noRoute is what the API says to a path that it does not have.
	noRoute = response{status: http.StatusNotFound, body: object{"error": "404 Not Found"}}
)

func (r response) write(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	switch {
	case r.raw != nil:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(r.status)
		_, _ = w.Write(r.raw)
	case r.body != nil:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(r.status)
		_ = json.NewEncoder(w).Encode(r.body)
	default:
		w.WriteHeader(r.status)
	}
}

// page answers with one page of the items, as the parameters page and per_page say, and the headers that lead to the
// others.
func page[T any](c *call, items []T, view func(T) object) response {
	query := c.URL.Query()
	number, size := 1, 20
	for _, parameter := range []struct {
		name  string
		value *int
	}{{"page", &number}, {"per_page", &size}} {
		if text := query.Get(parameter.name); text != "" {
			value, err := strconv.Atoi(text)
			if err != nil {
				return invalidParameter(parameter.name + " is invalid")
			}
			if value < 1 {
				return invalidParameter(parameter.name + " does not have a valid value")
			}
			*parameter.value = value
		}
	}
	size = min(size, 100)
	pages := max((len(items)+size-1)/size, 1)
	from := min((number-1)*size, len(items))
	views := []object{}
	for _, item := range items[from:min(from+size, len(items))] {
		views = append(views, view(item))
	}
	header := http.Header{}
	for name, value := range map[string]int{"X-Page": number, "X-Per-Page": size, "X-Total": len(items), "X-Total-Pages": pages} {
		header.Set(name, strconv.Itoa(value))
	}
	links := []string{}
	link := func(relation string, to int) {
		query.Set("page", strconv.Itoa(to))
		query.Set("per_page", strconv.Itoa(size))
		target := url.URL{Scheme: "http", Host: c.Host, Path: c.URL.Path, RawPath: c.URL.RawPath, RawQuery: query.Encode()}
		links = append(links, fmt.Sprintf("<%s>; rel=%q", target.String(), relation))
	}
	header.Set("X-Prev-Page", "")
	if number > 1 {
		header.Set("X-Prev-Page", strconv.Itoa(number-1))
		link("prev", number-1)
	}
	header.Set("X-Next-Page", "")
	if number < pages {
		header.Set("X-Next-Page", strconv.Itoa(number+1))
		link("next", number+1)
	}
	link("first", 1)
	link("last", pages)
	header.Set("Link", strings.Join(links, ", "))
	return response{status: http.StatusOK, header: header, body: views}
}
